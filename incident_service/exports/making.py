"""Making a file in a worker: into a temporary folder first, then in parts into the database, and known as a whole."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, insert, select, update

from incident_service import accounts, notifications
from incident_service.accounts import Account
from incident_service.exports.models import PART_BYTES, Export, ExportPart, Kind, State
from incident_service.exports.scope import scope_of
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import Problem, Unavailable
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both, spoken_in
from incident_service.notifications import Message

BETWEEN_S = 0.5                                     # two writings of the progress
READY = both("您导出的文件已生成：{name}", "The file you asked for is ready: {name}")


class Progress:
    """How far the making is: written now and then, in a transaction of its own."""

    def __init__(self, id: UUID) -> None:
        self._id, self._told_at = id, 0.0

    def __call__(self, done: int, total: int | None) -> None:
        """Say that so much of it is done. What was read before must not be needed any more: it is read again."""
        if time.monotonic() - self._told_at >= BETWEEN_S:
            self._told_at = time.monotonic()
            with transaction():
                db.session.execute(update(Export).where(Export.id == self._id).values(done=done, total=total)
                                   .execution_options(synchronize_session=False))


def unbegun(kind: Kind, *, waiting: timedelta) -> Sequence[UUID]:
    """The files of a kind that have waited for so long and nobody has begun, the oldest first. One whose maker was cut
    short is not among them: its promise brings it to a worker again."""
    return db.session.scalars(
        select(Export.id).where(Export.kind == kind, Export.state == State.WAITING,
                                Export.created_at <= clock.now() - waiting).order_by(Export.created_at)).all()


def fill(id: UUID, write: Callable[[Export, Account, Path, Progress], int]) -> None:
    """Make a file by `write`, which says how much was in it, and tell who asked for it: with the roles held when it
    began and no others, however long it takes.

    Safe to repeat, and by two at once: what is ready stays, and each try writes parts of its own. What cannot be made
    is marked with the reason; what may heal is raised.
    """
    begun = _begin(id)
    if begun is None:
        return
    found, by = begun
    attempt = found.attempt
    with spoken_in(found.language), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        try:
            done = write(found, by, path, Progress(id))
        except Unavailable:
            raise
        except Problem as problem:
            db.session.rollback()
            _give_up(id, (problem.detail or problem.title).in_language(found.language))
            return
        for number, content in enumerate(_parts(path)):
            if not _keep(id, attempt, number, content):
                return
        _finish(id, attempt, scope_of(found.kind, by), done, path.stat().st_size)


def _begin(id: UUID) -> tuple[Export, Account] | None:
    """The file that is to be made, one try further, and by whose sight; None when it is made, given up or forgotten."""
    with transaction():
        found = db.session.scalar(for_update(select(Export).where(Export.id == id)))
        if found is None or found.state in (State.READY, State.FAILED):
            return None
        found.attempt += 1
        found.state = State.WORKING
        by = accounts.as_it_is(found.account_id)
        found.scope = scope_of(found.kind, by)
    return found, by


def _keep(id: UUID, attempt: int, number: int, content: bytes) -> bool:
    """Keep a part; not of a file that nobody wants any more."""
    with transaction():
        is_wanted = db.session.scalar(for_update(select(Export.id).where(Export.id == id))) is not None
        if is_wanted:
            db.session.execute(insert(ExportPart).values(
                export_id=id, attempt=attempt, number=number, content=content))
    return is_wanted


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(PART_BYTES), b"")


def _finish(id: UUID, attempt: int, scope: str, done: int, byte_count: int) -> None:
    with transaction():
        found = db.session.scalar(for_update(select(Export).where(Export.id == id)))
        if found is None:
            return
        if found.state is not State.READY:
            found.state, found.attempt, found.ready_at = State.READY, attempt, clock.now()
            found.done, found.total, found.byte_count = done, done, byte_count
            found.scope = scope                                 # of this try, whatever another one noted since
            found.expires_at = found.ready_at + current_app.config["EXPORT_KEEP"]
            title = both(READY.zh, READY.en, name=found.file_name)
            notifications.tell([Message(found.account_id, notifications.Kind.EXPORT_READY, str(id), "", title,
                                        link=f"/api/v1/exports/{id}/file")])
        db.session.execute(delete(ExportPart).where(ExportPart.export_id == id, ExportPart.attempt != found.attempt))


def _give_up(id: UUID, why: str) -> None:
    with transaction():
        db.session.execute(update(Export).where(Export.id == id, Export.state != State.READY)
                           .values(state=State.FAILED, problem=why).execution_options(synchronize_session=False))
