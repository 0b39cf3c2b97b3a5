"""A calendar that changed after deadlines were set: which open cases would move, and moving them, never silently."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select

from incident_service import accounts, catalogue, notifications
from incident_service.cases import agenda, history, holding, reckoning
from incident_service.cases.models import Case
from incident_service.cases.workflow import MOVES, Move
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.paging import Page
from incident_service.foundation.problems import FieldError, Invalid, PreconditionFailed
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message

AT_ONCE = 200
LOOKED_AT_MAX = 5_000                               # in one answer: a page may be short, and go on
TO_THE_MINUTE = "%m-%d %H:%M"


class DueMove(NamedTuple):
    """An open case whose deadline would be another by the present calendar."""

    case: Case
    would_be_due_at: datetime

    @property
    def moves_by_s(self) -> int:
        """By how many seconds; less than none when it comes earlier."""
        return int((self.would_be_due_at - (self.case.due_at or self.would_be_due_at)).total_seconds())


def due_moves(*, limit: int, cursor: str = "") -> Page:
    """The open cases whose deadlines would move, by when they were opened. Changes nothing. A page may be short, or
    empty, and still go on. Raises Invalid for a foreign cursor."""
    found: list[DueMove] = []
    beyond, looked_at = _read(cursor), 0
    while batch := db.session.scalars(_open_beyond(beyond).limit(AT_ONCE)).all():
        for each in _moving(batch):
            found.append(each)
            if len(found) == limit:
                return Page(found, str(each.case.id))
        beyond, looked_at = batch[-1].id, looked_at + len(batch)
        if looked_at >= LOOKED_AT_MAX:
            return Page(found, str(beyond))
    return Page(found, None)


def move_due(*, by: accounts.Account, calendar_version: str, note: str) -> None:
    """Promise that every open deadline is reckoned by the present calendar, which must be the one that was looked at.

    Safe to repeat: a deadline that is right stays. Raises PreconditionFailed for another calendar.
    """
    with transaction():
        if calendar_version != (present := catalogue.calendar().version):
            raise PreconditionFailed(current_version=present)
        _promise(by.id, calendar_version, note, None)


def move_some_due(*, by_id: UUID, calendar_version: str, note: str, beyond: UUID | None) -> None:
    """Reckon a batch of open deadlines anew, each with a line of history and told to whoever has the case, and promise
    the next batch. Safe to repeat: a deadline that is right stays. When the calendar has changed again meanwhile,
    nothing more is moved: nobody has looked at that one."""
    with transaction():
        if calendar_version != catalogue.calendar().version:
            return
        batch = db.session.scalars(for_update(_open_beyond(beyond).limit(AT_ONCE))).all()
        messages = [message for each in _moving(batch) for message in _move(each, by_id, note)]
        notifications.tell(messages)
        if len(batch) == AT_ONCE:
            _promise(by_id, calendar_version, note, batch[-1].id)


def _promise(by_id: UUID, calendar_version: str, note: str, beyond: UUID | None) -> None:
    enqueue("workers.routing.move_some_due", by_id=str(by_id), calendar_version=calendar_version, note=note,
            beyond=str(beyond) if beyond else None)


def _open_beyond(id: UUID | None) -> Select[Case]:
    """Cases whose clock runs or stands still, and has begun."""
    wanted = select(Case).where(Case.status.in_(MOVES[Move.RECKON].starts), Case.pushed_at.is_not(None),
                                Case.due_at.is_not(None)).order_by(Case.id)
    return wanted if id is None else wanted.where(Case.id > id)


def _moving(batch: Sequence[Case]) -> Iterator[DueMove]:
    found = reckoning.reckoned(batch)
    return (DueMove(case, due_at) for case in batch if (due_at := found[case.id][0].due_at) != case.due_at)


def _move(each: DueMove, by_id: UUID, note: str) -> list[Message]:
    case, before = each.case, each.case.due_at
    history.note(case, Move.RECKON, by_id=by_id, note=note, before=before and before.isoformat(),
                 deadline=reckoning.anew(case))
    given = holding.held(case)
    agenda.wind(case, given)
    due = each.would_be_due_at.astimezone(catalogue.calendar().zone)
    title = both("案卷 {number} 因工作日历调整，期限改为 {due}", "Case {number}: the calendar changed; it is due {due}",
                 number=case.number, due=f"{due:{TO_THE_MINUTE}}")
    return [Message(person, Kind.DUE_MOVED, f"{case.number}/{case.version}", case.number, title)
            for person in dict.fromkeys(one.responder_id for one in given)]


def _read(cursor: str) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError as error:
        raise Invalid(errors=[FieldError("#/cursor", both("游标无效", "No such cursor"))]) from error
