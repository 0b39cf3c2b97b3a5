"""What the database and the photo store of an installation say, asked behind its back."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import NullPool, func, select

from incident_service import photos, points
from incident_service.app import create_app
from incident_service.cases import Case, CaseEvent, CasePhoto, Dispatch
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.notifications import Kind
from incident_service.notifications.models import Notification
from incident_service.photos import Photo, Size
from incident_service.points.models import Transfer
from incident_service.reports import Report

BEGINNING = ["report", "dispatch"]


class Accepted(NamedTuple):
    """A report that was answered 201: its own words, the number it was given, and what was sent with it."""

    words: str
    number: str
    digests: list[str]


def digest(photo: bytes) -> str:
    """By what the store knows these bytes."""
    return hashlib.sha256(photo).hexdigest()


class Witness:
    """Looks at the same database and the same store, through an application of its own."""

    def __init__(self, data_dir: Path, database_url: str) -> None:
        self.app = create_app("testing", SQLALCHEMY_DATABASE_URI=database_url, DATA_DIR=data_dir,
                              KEYS_DIR=data_dir / "keys", PHOTO_STORE=f"file://{data_dir / 'photos'}",
                              SQLALCHEMY_ENGINE_OPTIONS={"poolclass": NullPool})

    def leave(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    def ask(self, statement: Any) -> list[Any]:
        """The rows of a query."""
        with self.app.app_context():
            return list(db.session.execute(statement).all())

    def count(self, model: Any, *where: Any) -> int:
        return self.ask(select(func.count()).select_from(model).where(*where))[0][0]

    def owed(self) -> list[Any]:
        """Promises that were not kept yet, those that failed for good among them."""
        return self.ask(select(Promise.job, Promise.arguments, Promise.due_at, Promise.attempts, Promise.last_error))

    def status(self, number: str) -> str:
        """Where a case stands."""
        return self.ask(select(Case.status).where(Case.number == number))[0][0]

    def moves(self, number: str) -> list[str]:
        """The history of a case, one word a step."""
        rows = self.ask(select(CaseEvent.move).join(Case, Case.id == CaseEvent.case_id)
                        .where(Case.number == number).order_by(CaseEvent.sequence))
        return [str(row.move) for row in rows]

    def thanks(self, number: str) -> list[tuple[str, int]]:
        """What was given for a case: reason and points."""
        rows = self.ask(select(Transfer.reason, Transfer.amount).where(Transfer.reference.startswith(f"{number}/")))
        return sorted((str(row.reason), row.amount) for row in rows)

    def told(self) -> set[str]:
        """The ids of everything anybody was told."""
        return {str(row.id) for row in self.ask(select(Notification.id))}

    def faults(self, accepted: Iterable[Accepted]) -> list[str]:
        """Whatever contradicts what was promised to those whose reports were accepted, or to the ledger."""
        found = [*self._lost(accepted), *self._half_dispatched(), *self._told_wrongly(), *self._photos_amiss()]
        with self.app.app_context():
            return [*found, *points.reconcile().faults]

    def _lost(self, accepted: Iterable[Accepted]) -> Iterator[str]:
        """Reports that are not there, are there twice, under another number, or with other pictures."""
        cases: dict[str, list[str]] = {}
        for words, number in self.ask(select(Report.description, Case.number).join(Case, Case.id == Report.case_id)):
            cases.setdefault(words, []).append(number)
        pictures: dict[str, list[str]] = {}
        for number, sha256 in self.ask(
                select(Case.number, Photo.sha256).join(CasePhoto, CasePhoto.case_id == Case.id)
                .join(Photo, Photo.id == CasePhoto.photo_id).where(CasePhoto.stage == "before")
                .order_by(CasePhoto.position)):
            pictures.setdefault(number, []).append(sha256)
        yield from (f"{words!r} has cases {numbers}" for words, numbers in cases.items() if len(numbers) > 1)
        for each in accepted:
            if cases.get(each.words) != [each.number]:
                yield f"{each} is {cases.get(each.words)}"
            elif pictures.get(each.number) != each.digests:
                yield f"{each} has pictures {pictures.get(each.number)}"

    def _half_dispatched(self) -> Iterator[str]:
        """Cases not given to exactly one lead and one assist, or whose history began otherwise."""
        parts: dict[Any, list[str]] = {}
        for case_id, part, round in self.ask(select(Dispatch.case_id, Dispatch.part, Dispatch.round)):
            parts.setdefault(case_id, []).append(f"{part}/{round}")
        for id, number in self.ask(select(Case.id, Case.number)):
            if sorted(parts.get(id, [])) != ["assist/1", "lead/1"] or self.moves(number)[:2] != BEGINNING:
                yield f"{number} was given to {parts.get(id)}; history {self.moves(number)}"

    def _told_wrongly(self) -> Iterator[str]:
        """Dispatches of which nobody was told, or somebody twice."""
        told = Counter(row.reference for row in self.ask(
            select(Notification.reference).where(Notification.kind == Kind.DISPATCH)))
        for (id,) in self.ask(select(Dispatch.id)):
            if told.pop(str(id), 0) != 1:
                yield f"dispatch {id} was not told once"
        yield from (f"told of {reference}, which is no dispatch" for reference in told)

    def _photos_amiss(self) -> Iterator[str]:
        """Photos whose sealed bytes or copies are not there, or are not what they were."""
        with self.app.app_context():
            kept = photos.store()
            for photo in db.session.scalars(select(Photo)):
                if not kept.has_original(photo.sha256):
                    yield f"photo {photo.id} has no original"
                    continue
                with kept.original(photo.sha256) as path:
                    if digest(path.read_bytes()) != photo.sha256:
                        yield f"photo {photo.id} is not what was sent"
                if photo.status != "ready" or not all(kept.read_copy(photo.id, s) for s in (Size.THUMB, Size.SCREEN)):
                    yield f"photo {photo.id} is {photo.status}"
