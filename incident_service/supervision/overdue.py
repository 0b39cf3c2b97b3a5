"""What is overdue right now, and who holds it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select

from incident_service import accounts
from incident_service.accounts import Account
from incident_service.cases import WATCHED, Case, Dispatch
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db
from incident_service.supervision.scope import looked_over_by


class Holder(NamedTuple):
    """Somebody a case was given to and who has not rectified it."""

    id: UUID
    name: str
    part: str
    role: str
    seen_at: datetime | None
    accepted_at: datetime | None


class OverdueCase(NamedTuple):
    """A case past its deadline, by how many seconds, and who holds it."""

    case: Case
    overdue_s: int
    holders: list[Holder]


def overdue(*, by: Account, limit: int, cursor: str = "") -> paging.Page:
    """One page of the overdue cases that `by` looks over, the longest overdue first. Raises Invalid (cursor)."""
    now = clock.now()
    late = select(Case).where(looked_over_by(by), is_overdue(now))
    page = paging.newest_first(late, Case.due_at, Case.id,                         # type: ignore[arg-type] # not NULL
                               limit=limit, cursor=cursor, oldest_first=True)
    holders = holders_of(page.items)
    return page._replace(items=[
        OverdueCase(case, overdue_s(case, now), holders[case.id]) for case in page.items])


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """The condition on cases past their deadline; one whose lateness was excused is not."""
    return is_waiting() & (Case.due_at < now) & Case.late_excused_at.is_(None)


def overdue_s(case: Case, now: datetime) -> int:
    """For how many seconds a case has been what `is_overdue` says; 0 when it is not."""
    if case.status not in WATCHED or not case.pushed_at or not case.due_at or case.late_excused_at:
        return 0
    return max(0, int((now - case.due_at).total_seconds()))


def is_waiting() -> ColumnElement[bool]:
    """The condition on cases whose clock runs: pushed, and not done. The deadline is the rectification's."""
    return Case.status.in_(WATCHED) & Case.pushed_at.is_not(None)


def holders_of(some: Iterable[Case]) -> dict[UUID, list[Holder]]:
    """Who holds these cases, the lead first."""
    given = db.session.execute(
        select(Dispatch.case_id, Dispatch.responder_id, Dispatch.part, Dispatch.role, Dispatch.seen_at,
               Dispatch.accepted_at)
        .where(Dispatch.case_id.in_([case.id for case in some]), Dispatch.rectified_at.is_(None),
               Dispatch.ended_at.is_(None))
        .order_by(Dispatch.part.desc(), Dispatch.id)).all()
    names = accounts.names_of({each.responder_id for each in given})
    found: dict[UUID, list[Holder]] = defaultdict(list)
    for each in given:
        found[each.case_id].append(Holder(each.responder_id, names.get(each.responder_id, ""), each.part, each.role,
                                          each.seen_at, each.accepted_at))
    return found
