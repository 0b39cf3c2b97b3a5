"""Asking for a file, seeing how far it is, fetching it, doing without it: one's own alone."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from incident_service.accounts import Account
from incident_service.exports.models import PART_BYTES, Export, ExportPart, Kind, State
from incident_service.exports.scope import reaches, scope_of
from incident_service.exports.sweeping import delete
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, Forbidden, NotFound, TooMany
from incident_service.foundation.transaction import alone, transaction
from incident_service.foundation.words import both, callers_language

RETRY_AFTER_S = 2


class TooManyExports(TooMany):
    """Somebody has as many files as one may have at a time."""
    slug, title = "too-many-exports", both("导出过多，请稍后再试", "Too many exports at a time")


class ExportBeyondReach(Forbidden):
    """It was made by the sight of roles of which one is not held any more."""
    slug, title = "export-beyond-reach", both("您的权限已变化，请重新导出", "Your roles have changed, ask for it anew")


class ExportNotReady(Conflict):
    """The file is still being made, or could not be."""
    slug, title = "export-not-ready", both("文件尚未生成", "The file is not ready")


def ask(kind: Kind, asked: dict[str, Any], *, by: Account, file_name: str, media_type: str) -> tuple[Export, bool]:
    """A file to be made, in the open transaction, and whether it is new: then the caller promises its making. The same
    asked for again, with the same roles, is the same file, while it is good; so two at once are one.

    Raises TooManyExports.
    """
    alone(f"exports/{by.id}")
    language, now = callers_language(), clock.now()
    same = (kind, asked, language if kind.is_in_a_language else None, file_name, scope_of(kind, by))
    mine = db.session.scalars(select(Export).where(
        Export.account_id == by.id, Export.expires_at > now, Export.state != State.FAILED)).all()
    for each in mine:
        spoken = each.language if each.kind.is_in_a_language else None
        if (each.kind, each.asked, spoken, each.file_name, each.scope) == same:
            return each, False
    if len(mine) >= current_app.config["EXPORTS_MAX"]:
        raise TooManyExports(retry_after_s=600)
    found = Export(id=new_id(), account_id=by.id, kind=kind, asked=asked, language=language, file_name=file_name,
                   scope=scope_of(kind, by), media_type=media_type, state=State.WAITING, created_at=now, attempt=0,
                   done=0, byte_count=0, problem="", expires_at=now + current_app.config["EXPORT_KEEP"])
    db.session.add(found)
    db.session.flush()
    return found, True


def find_own(account_id: UUID, id: UUID) -> Export:
    """A file of somebody's own that has not expired. Raises NotFound."""
    found = db.session.scalar(select(Export).where(
        Export.id == id, Export.account_id == account_id, Export.expires_at > clock.now()))
    if found is None:
        raise NotFound()
    return found


def own(account_id: UUID) -> Sequence[Export]:
    """Somebody's files, the latest first."""
    return db.session.scalars(select(Export).where(Export.account_id == account_id, Export.expires_at > clock.now())
                              .order_by(Export.created_at.desc())).all()


def forget(id: UUID, *, by: Account) -> None:
    """Do without a file of one's own, made or not: the same asked for again is made anew. Raises NotFound."""
    with transaction():
        find_own(by.id, id)
        delete(Export.id == id)


def pieces(found: Export, *, by: Account) -> Iterator[bytes]:
    """The bytes of a file that is ready, a part at a time. Raises ExportNotReady, ExportBeyondReach before the first
    one."""
    if found.state is not State.READY:
        raise ExportNotReady(state=found.state, retry_after_s=RETRY_AFTER_S)
    if not reaches(found, by):
        raise ExportBeyondReach()
    return (db.session.scalars(select(ExportPart.content).where(
        ExportPart.export_id == found.id, ExportPart.attempt == found.attempt, ExportPart.number == number)).one()
        for number in range(-(-found.byte_count // PART_BYTES)))


def described(found: Export) -> dict[str, Any]:
    """A file as its owner sees it: how far it is, and where to fetch it."""
    columns = ("id", "kind", "state", "done", "total", "file_name", "byte_count", "problem", "created_at", "ready_at",
               "expires_at")
    here = f"/api/v1/exports/{found.id}"
    return {name: getattr(found, name) for name in columns} | {
        "status_url": here, "file_url": f"{here}/file" if found.state is State.READY else None}
