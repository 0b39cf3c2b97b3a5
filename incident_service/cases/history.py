"""How a case changes: a line of history first, the new status after. Nothing else sets a status."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.workflow import IN_HAND, Move, Status, step
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id


def move(case: Case, what: Move, *, by_id: UUID | None, note: str = "", back_to: Status | None = None,
         **details: Any) -> None:
    """Take a step of the workflow; one that undoes another leads `back_to` where that began. The row must be locked.
    Raises WrongTurn."""
    before, after = case.status, step(case.status, what, back_to=back_to)
    _write(case, what, before, after, by_id=by_id, note=note, details=details)
    case.status = after
    if after in IN_HAND and case.wakes_at is None:
        case.wakes_at = clock.now()                 # the look finds out when the next one is


def note(case: Case, what: Move, *, by_id: UUID | None, note: str = "", **details: Any) -> None:
    """Write down what happened without a new status, such as the second responder's acceptance."""
    _write(case, what, case.status, case.status, by_id=by_id, note=note, details=details)


def status_before(case: Case, what: Move) -> Status:
    """Where the case stood before the last move of this kind. Raises NoResultFound when there was none."""
    return db.session.execute(
        select(CaseEvent.status_before).where(
            CaseEvent.case_id == case.id, CaseEvent.move == what, CaseEvent.status_before != CaseEvent.status_after)
        .order_by(CaseEvent.sequence.desc()).limit(1)).scalar_one() or case.status


def begin(case: Case, *, by_id: UUID, **details: Any) -> CaseEvent:
    """The first line of a case."""
    event = CaseEvent(
        id=new_id(), case_id=case.id, sequence=case.version, at=case.opened_at, move=Move.REPORT, by_id=by_id,
        status_before=None, status_after=case.status, note="", details=details)
    db.session.add(event)
    return event


def _write(case: Case, what: Move, before: Status, after: Status, *, by_id: UUID | None, note: str,
           details: dict[str, Any]) -> None:
    """One line: its place in the history is the case's new version."""
    case.version += 1
    db.session.add(CaseEvent(
        id=new_id(), case_id=case.id, sequence=case.version, at=clock.now(), move=what, by_id=by_id,
        status_before=before, status_after=after, note=note, details=details))
