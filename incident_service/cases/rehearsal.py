"""Rules tried on past cases (试运行): which of them would have gone elsewhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from incident_service import routing
from incident_service.cases.models import Case
from incident_service.foundation import paging
from incident_service.foundation.database import db
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both
from incident_service.routing import Decision, RuleBook, Target

PERIOD_MAX = timedelta(days=366)


class Elsewhere(NamedTuple):
    """A case that would go elsewhere: by the rules in force, by the draft, and whom the draft would have found."""

    case: Case
    now: Sequence[Target]
    then: Sequence[Target]
    decision: Decision


class Rehearsal(NamedTuple):
    """A stretch of the period: how many cases were looked at, those that would go elsewhere, and where to go on."""

    looked_at: int
    items: Sequence[Elsewhere]
    next_cursor: str | None


def rehearse(draft: RuleBook, *, opened_from: datetime, opened_to: datetime, limit: int, cursor: str = "") -> Rehearsal:
    """Try a draft on the next `limit` cases of a period, the oldest first.

    Both sets of rules see each case as it is now (category, condition, place), in the areas of now, at the moment it
    was opened; rosters and leave count as of that moment, accounts and roles as of now. Writes nothing. Raises Invalid.
    """
    if not timedelta() < opened_to - opened_from <= PERIOD_MAX:
        raise Invalid(errors=[FieldError("#/opened_to", both("时间段须为正，且不超过一年",
                                                             "A period is positive and at most a year"))])
    past = select(Case).where(Case.opened_at >= opened_from, Case.opened_at < opened_to)
    page = paging.newest_first(past, Case.opened_at, Case.id, limit=limit, cursor=cursor, oldest_first=True)
    in_force = routing.in_force()
    found = [each for case in page.items if (each := _compare(case, in_force, draft))]
    db.session.rollback()
    return Rehearsal(len(page.items), found, page.next_cursor)


def _compare(case: Case, in_force: RuleBook, draft: RuleBook) -> Elsewhere | None:
    asked: dict[str, Any] = {
        "category": case.category, "condition": case.condition, "longitude": case.longitude,
        "latitude": case.latitude, "at": case.opened_at}
    now, then = (routing.targets(rules=rules, **asked) for rules in (in_force, draft))
    if {each.where for each in now} == {each.where for each in then}:
        return None
    return Elsewhere(case, now, then, routing.choose(rules=draft, workload=lambda _: {}, **asked))
