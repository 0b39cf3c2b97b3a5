"""When the platform must look at a case by itself: one moment in the case's own row, so nobody searches open cases.

A moment that has become idle does no harm: the look finds nothing to do and names the next one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from incident_service import catalogue
from incident_service.cases import deadline
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.workflow import WATCHED, Status


def wind(case: Case, given: Sequence[Dispatch]) -> None:
    """Set when the case is looked at next, by what is `given` and not ended."""
    case.wakes_at = next_look(case, given)


def next_look(case: Case, given: Sequence[Dispatch]) -> datetime | None:
    """The earliest thing that becomes due by itself; None when nothing does."""
    if case.status is Status.SUSPENDED:
        return case.suspended_until
    if case.status not in WATCHED:
        return None
    times = [each.climbs_at for each in climbing(given) if each.climbs_at]
    if case.due_at and case.overdue_told_for != case.due_at:
        times.append(case.due_at if case.soon_told_for == case.due_at else soon_at(case, case.due_at))
    return min(times, default=None)


def climbing(given: Iterable[Dispatch]) -> list[Dispatch]:
    """The dispatches whose ladder goes on: nobody has accepted their part."""
    some = list(given)
    taken = {each.part for each in some if each.accepted_at}
    return [each for each in some if each.climbs_at and each.part not in taken]


def soon_at(case: Case, due_at: datetime) -> datetime:
    """When it is told that a deadline comes near."""
    return due_at - catalogue.ladder(case.category, "lead").soon_due


def next_rung_at(case: Case, given: Dispatch, since: datetime) -> datetime | None:
    """When the next rung of a dispatch's ladder is climbed; None at its end. Minutes run as the case's own limit
    does, so that a street lamp wakes nobody at night."""
    rungs = catalogue.ladder(case.category, given.part).rungs
    if given.rung >= len(rungs):
        return None
    return catalogue.after(deadline.condition_of(case).unit, since, rungs[given.rung].after)
