"""Forgetting files: those past their day, and all of somebody who leaves."""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy import delete as deletion

from incident_service.exports.models import Export, ExportPart
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import current_unit, transaction

AT_ONCE = 20


def sweep(*, batch: int = AT_ONCE) -> int:
    """Delete files that are past their life, each by itself; how many. Safe to repeat."""
    ids = db.session.scalars(select(Export.id).where(Export.expires_at <= clock.now()).limit(batch)).all()
    for id in ids:
        with transaction():
            delete(Export.id == id)
    return len(ids)


def forget_of(account_id: UUID) -> None:
    """Delete all files of somebody. Must be called inside a transaction."""
    delete(Export.account_id == account_id)


def delete(which: ColumnElement[bool]) -> None:
    """Delete files with their parts. Must be called inside a transaction."""
    current_unit()
    ids = select(Export.id).where(which)
    db.session.execute(deletion(ExportPart).where(ExportPart.export_id.in_(ids))
                       .execution_options(synchronize_session=False))
    db.session.execute(deletion(Export).where(which).execution_options(synchronize_session=False))
