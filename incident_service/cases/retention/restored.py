"""Erasing again what a restored backup has brought back."""

from uuid import UUID

from sqlalchemy import select

from incident_service.cases.models import Case
from incident_service.cases.retention.erasing import ERASERS
from incident_service.cases.retention.models import Tombstone, What
from incident_service.cases.retention.removal import forget
from incident_service.cases.workflow import ENDED
from incident_service.foundation.database import db
from incident_service.foundation.transaction import for_update, transaction


def erase_again() -> int:
    """Erase whatever a tombstone says has yet to go; how much that was. Safe to repeat, and by several at once."""
    ids = db.session.scalars(select(Tombstone.id).where(Tombstone.is_owed).order_by(Tombstone.id)).all()
    for id in ids:
        with transaction():
            owed = db.session.scalar(for_update(select(Tombstone).where(Tombstone.id == id, Tombstone.is_owed)))
            if owed is not None:
                _erase(owed)
    return len(ids)


def _erase(owed: Tombstone) -> None:
    """A case that has not ended, as the backup knows it, lives anew and loses this when its time comes."""
    if owed.what is What.ACCOUNT:
        forget(owed.subject_id)
        owed.is_owed = False
        return
    case = _case(owed.subject_id)
    if case is not None and case.status not in ENDED:
        db.session.delete(owed)
    else:
        owed.is_owed = case is not None and not ERASERS[owed.what](case)


def _case(id: UUID) -> Case | None:
    return db.session.scalar(for_update(select(Case).where(Case.id == id)))
