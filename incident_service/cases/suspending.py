"""A pause (挂账): the clock stands still until a day, and the case goes on by itself on it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from incident_service import catalogue
from incident_service.accounts import Account
from incident_service.cases import access, agenda, deadline, history, holding
from incident_service.cases.models import Case
from incident_service.cases.petition_models import Petition, Wish
from incident_service.cases.workflow import Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both

PAUSE_MAX = timedelta(days=366)                     # a year, and a leap year too


def check(until: datetime | None) -> None:
    """Raises Invalid for a day that has passed or lies more than a year away."""
    now = clock.now()
    if until is None or not now < until <= now + PAUSE_MAX:
        raise Invalid(errors=[FieldError("#/until", both("须为今后一年之内", "It must lie within the next year"))])


def suspend(case: Case, asked: Petition, *, by: Account, note: str) -> None:
    """Stop the clock until the day that was asked for. The deadline moves by what then is left; one that has passed
    stays. The case must be locked."""
    check(asked.until)
    if asked.until is None:
        return
    left = _left(case, clock.now())
    asked.seconds_left = left.total_seconds()
    moved: dict[str, Any] = {"deadline": deadline.reckon(case, asked.until, left)} if left else {}
    history.move(case, Move.SUSPEND, by_id=by.id, note=note, is_granted=True, petition_id=str(asked.id),
                 until=asked.until.isoformat(), **moved)
    case.suspended_until = asked.until
    agenda.wind(case, holding.held(case))


def _left(case: Case, now: datetime) -> timedelta:
    if case.due_at is None:
        return timedelta()
    return catalogue.time_left(deadline.condition_of(case).unit, now, case.due_at)


def resume(number: str, *, by: Account, note: str = "", version: int | None = None) -> Case:
    """Take a suspended case up again before its day; the deadline is what was left, counted from now.

    Raises CaseUnknown, NotYourMove, WrongTurn, PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        access.check_may(by, case, Move.RESUME)
        history.check(case, Move.RESUME, back_to=Status.ACCEPTED)
        go_on(case, by=by, note=note)
        return case


def go_on(case: Case, *, by: Account | None = None, note: str = "") -> None:
    """Take a locked, suspended case up again: on its day by itself, and then the deadline is the one it already has."""
    now, left = clock.now(), pause_of(case).seconds_left or 0.0
    moved: dict[str, Any] = {}
    if left and case.suspended_until and now < case.suspended_until:
        moved = {"deadline": deadline.reckon(case, now, timedelta(seconds=left))}
    history.undo(case, Move.RESUME, by_id=by.id if by else None, note=note, **moved)
    case.suspended_until = None
    given = holding.held(case)
    for each in given:                              # of those who left meanwhile, if nobody could follow
        enqueue("workers.routing.hand_over_part", dispatch_id=str(each.id))
    for each in agenda.climbing(given):
        each.climbs_at = agenda.next_rung_at(case, each, now)
    agenda.wind(case, given)


def pause_of(case: Case) -> Petition:
    """The pause the case is in."""
    return db.session.scalars(
        select(Petition).where(Petition.case_id == case.id, Petition.wish == Wish.SUSPENSION,
                               Petition.is_granted.is_(True))
        .order_by(Petition.decided_at.desc()).limit(1)).one()
