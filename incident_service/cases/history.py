"""How a case changes: a line of history first, the new status after. Nothing else sets a status.

Each line is linked to the one before (`chain`); the last hash stands in the case's own row, so a move reads no line.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, inspect, select, update
from sqlalchemy.orm.util import identity_key

from incident_service import accounts
from incident_service.cases import access, chain, holding
from incident_service.cases.models import PLACE, POINT, Case, CaseEvent, follow
from incident_service.cases.workflow import ENDED, MOVES, UNDOES, WATCHED, Move, Status, Who, WrongTurn, allowed, step
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_row
from incident_service.foundation.ready import Change
from incident_service.foundation.transaction import current_unit

CHANGES = CaseEvent.status_before.is_distinct_from(CaseEvent.status_after)
EVENTS = cast(Table, CaseEvent.__table__)
COLUMNS = (*chain.FACTS, *chain.CONTENT, "salt", "erased")


def move(case: Case, what: Move, *, by_id: UUID | None, note: str = "", **details: Any) -> None:
    """Take a step of the workflow. The row must be locked. Raises WrongTurn."""
    _take(case, what, check(case, what), by_id=by_id, note=note, details=details)


def undo(case: Case, what: Move, *, by_id: UUID | None, note: str = "", **details: Any) -> None:
    """Take a step that undoes an earlier one: the status is again what it was before that. The row must be locked.
    Raises WrongTurn."""
    after = check(case, what, back_to=_status_before(case, UNDOES[what]))
    _take(case, what, after, by_id=by_id, note=note, details=details)


def _take(case: Case, what: Move, after: Status, *, by_id: UUID | None, note: str, details: dict[str, Any]) -> None:
    _write(case, what, case.status, after, by_id=by_id, note=note, details=details)
    if (case.status in ENDED) != (after in ENDED):
        holding.note_end(case, clock.now() if after in ENDED else None)
    case.status = after
    if after in WATCHED and case.wakes_at is None:
        case.wakes_at = clock.now()                 # the look finds out when the next one is


def check(case: Case, what: Move, *, back_to: Status | None = None) -> Status:
    """The status after a step. Raises WrongTurn, which also says what `happened`: the move that led to where the case
    is, when it was, and in what part somebody made it."""
    try:
        return step(case.status, what, back_to=back_to)
    except WrongTurn as error:
        error.extras["happened"] = _happened(case, CHANGES)
        raise


def standing(case: Case, led: ColumnElement[bool] = CHANGES) -> dict[str, Any]:
    """Where a case stands, as a refusal says it: its status, what is allowed from there, and what led to it: the last
    move that changed the status, or the last line of another kind."""
    return {"case_status": case.status, "allowed": allowed(case.status), "happened": _happened(case, led)}


def keep(case: Case) -> None:
    """Write what was changed in a case that is outside the session; what is changed later needs another call. Must be
    called inside a transaction."""
    changed = inspect(case).committed_state
    if changed.keys() & POINT:
        holding.note_place(case)
    elif changed.keys() & PLACE:
        follow(case)
    values = {name: getattr(case, name) for name in sorted(changed)}
    if values:
        _keeping(tuple(values)).make_along(case_id=case.id, **values)
    if in_session := db.session.identity_map.get(identity_key(Case, case.id)):
        db.session.expire(in_session)


@cache
def _keeping(names: tuple[str, ...]) -> Change:
    """The statement that writes these columns of a case."""
    return Change(update(Case).where(Case.id == bindparam("case_id"))
                  .values({name: bindparam(name, type_=Case.__table__.c[name].type) for name in names}))


def note(case: Case, what: Move, *, by_id: UUID | None, note: str = "", **details: Any) -> None:
    """Write down what happened without a new status, such as the second responder's acceptance."""
    _write(case, what, case.status, case.status, by_id=by_id, note=note, details=details)


def begin(case: Case, *, by_id: UUID, **details: Any) -> CaseEvent:
    """The first line of a case, to be inserted after it."""
    line = _line(case.id, case.version, Move.REPORT, None, case.status, by_id=by_id, details=details)
    return _linked(case, line | {"at": case.opened_at}, None)


def erase(event: CaseEvent, **instead: Any) -> None:
    """Erase content of a line (`by_id`, `note`, `details`) in favour of what is given instead; the chain still
    verifies. Must be called inside a transaction, for a line that is linked."""
    current_unit()
    for name, value in chain.without(as_line(event), **instead).items():
        setattr(event, name, value)


def link(case: Case) -> str | None:
    """Link the lines of a history that is older than the chain; its last hash. The row must be locked."""
    previous = None
    for event in db.session.scalars(
            select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.sequence)):
        tied = chain.linked(as_line(event), previous)
        event.salt, event.hash = tied["salt"], tied["hash"]
        previous = event.hash
    case.head = previous
    return previous


def broken_at(events: Sequence[CaseEvent]) -> list[int]:
    """The lines that are not as they were written, by their place; none for a history that is not linked yet."""
    if all(each.hash is None for each in events):
        return []
    before = [None, *(each.hash for each in events)]
    return [each.sequence for each, previous in zip(events, before, strict=False)
            if each.hash is None or not (each.salt or each.erased)
            or each.hash != chain.hash_of(as_line(each), previous)]


def as_line(event: CaseEvent) -> dict[str, Any]:
    """What of a line enters its hash."""
    return {name: getattr(event, name) for name in COLUMNS}


def _status_before(case: Case, what: Move) -> Status | None:
    """Where the case stood before the last move of this kind; None when there was none."""
    return db.session.scalar(
        select(CaseEvent.status_before).where(
            CaseEvent.case_id == case.id, CaseEvent.move == what, CaseEvent.status_before != CaseEvent.status_after)
        .order_by(CaseEvent.sequence.desc()).limit(1))


def _write(case: Case, what: Move, before: Status, after: Status, *, by_id: UUID | None, note: str,
           details: dict[str, Any]) -> None:
    """One line: its place in the history is the case's new version."""
    previous = case.head or link(case)
    case.version += 1
    line = _line(case.id, case.version, what, before, after, by_id=by_id, note=note, details=details)
    linked = chain.linked(line, previous)
    case.head = linked["hash"]
    insert_row(EVENTS, **linked)


def _line(case_id: UUID, sequence: int, what: Move, before: Status | None, after: Status, *, by_id: UUID | None,
          details: dict[str, Any], note: str = "") -> dict[str, Any]:
    return {"id": new_id(), "case_id": case_id, "sequence": sequence, "at": clock.now(), "move": what, "by_id": by_id,
            "status_before": before, "status_after": after, "note": note, "details": details}


def _linked(case: Case, line: dict[str, Any], previous: str | None) -> CaseEvent:
    event = CaseEvent(**chain.linked(line, previous))
    case.head = event.hash
    return event


def _happened(case: Case, which: ColumnElement[bool]) -> dict[str, Any] | None:
    """The last line of this kind. Nobody is named, since a reporter may be the one who asks."""
    last = db.session.scalar(
        select(CaseEvent).where(CaseEvent.case_id == case.id, which).order_by(CaseEvent.sequence.desc()).limit(1))
    return {"move": last.move, "at": last.at, "by": _part(case, last)} if last else None


def _part(case: Case, event: CaseEvent) -> Who | None:
    """In what part a move was made, as far as it can still be told."""
    if event.by_id is None:
        return Who.PLATFORM
    if event.move not in MOVES:
        return Who.REPORTER
    acting = access.acting_as(accounts.find(event.by_id), case)
    return next((who for who in MOVES[event.move].by if who in acting), None)
