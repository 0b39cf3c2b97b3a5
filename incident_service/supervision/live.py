"""What needs somebody now: soon due, seen by nobody, passed to and fro, who holds what, how old the backlog is."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, true

from incident_service import accounts, routing
from incident_service.cases import Case, CaseEvent, Dispatch, Move, Status
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db
from incident_service.routing import RosterGap
from incident_service.supervision.overdue import OverdueCase, holders_of, is_overdue, is_waiting
from incident_service.supervision.scope import Scope

OPEN = frozenset(Status) - {Status.CLOSED, Status.MERGED, Status.VOID}
AGES = (("up_to_1_day", 1), ("up_to_3_days", 3), ("up_to_7_days", 7), ("up_to_30_days", 30))
OLDER = "older"
TO_AND_FRO_MIN = 2


class Held(NamedTuple):
    """What one responder holds: cases not rectified, since when the oldest, how many nobody of theirs has opened."""

    responder_id: UUID
    name: str
    cases: int
    overdue: int
    unseen: int
    oldest_pushed_at: datetime


class Backlog(NamedTuple):
    """Open cases of one status, by age."""

    status: str
    cases: int
    by_age: dict[str, int]


def soon_due(scope: Scope, *, minutes: int, limit: int, cursor: str = "") -> paging.Page:
    """Cases whose deadline is near and that are not rectified, the nearest first. Raises Invalid (cursor)."""
    now = clock.now()
    near = (Case.due_at >= now) & (Case.due_at < now + timedelta(minutes=minutes))
    return _page(is_waiting() & near & scope.condition(), now, limit=limit, cursor=cursor, at=Case.due_at)


def unseen(scope: Scope, *, limit: int, cursor: str = "") -> paging.Page:
    """Cases that were pushed and that none of their responders has opened, the longest first. Raises Invalid."""
    opened = exists().where(Dispatch.case_id == Case.id, Dispatch.round == Case.round,
                            func.coalesce(Dispatch.seen_at, Dispatch.accepted_at).is_not(None))
    return _page(is_waiting() & ~opened & scope.condition(), clock.now(), limit=limit, cursor=cursor, at=Case.pushed_at)


def to_and_fro(scope: Scope, *, limit: int, cursor: str = "") -> paging.Page:
    """Open cases that were given back or handed on at least twice (推诿), the oldest first. Raises Invalid."""
    moves = select(func.count()).where(
        CaseEvent.case_id == Case.id, CaseEvent.move.in_([Move.RETURN, Move.TRANSFER])).scalar_subquery()
    return _page(Case.status.in_(OPEN) & (moves >= TO_AND_FRO_MIN) & scope.condition(), clock.now(), limit=limit,
                 cursor=cursor, at=Case.opened_at)


def open_cases(scope: Scope, *, status: Status | None = None, age: str | None = None, responder: UUID | None = None,
               overdue: bool = False, unseen: bool = False, limit: int, cursor: str = "") -> tuple[paging.Page, int]:
    """Open cases, the oldest first, and how many: of a status, of an age, in a responder's hands, in the hands of
    somebody (or of that responder) who has not opened them, past the deadline. Raises Invalid (cursor)."""
    now = clock.now()
    which = Case.status.in_(OPEN) & scope.condition()
    if status is not None:
        which &= Case.status == status
    if age is not None:
        which &= _is_of_age(age, now)
    if responder is not None or unseen:
        theirs = true() if responder is None else Dispatch.responder_id == responder
        of_round = (Dispatch.case_id == Case.id) & (Dispatch.round == Case.round)
        which &= is_waiting() & exists().where(of_round, *_HELD, theirs, _NOT_OPENED if unseen else true())
    if overdue:
        which &= is_overdue(now)
    count = db.session.scalar(select(func.count()).select_from(Case).where(which)) or 0
    return _page(which, now, limit=limit, cursor=cursor, at=Case.opened_at), count


_HELD = (Dispatch.rectified_at.is_(None), Dispatch.ended_at.is_(None))
_NOT_OPENED = func.coalesce(Dispatch.seen_at, Dispatch.accepted_at).is_(None)


def _page(which: ColumnElement[bool], now: datetime, *, limit: int, cursor: str, at: object) -> paging.Page:
    page = paging.newest_first(select(Case).where(which), at, Case.id, limit=limit, cursor=cursor,     # type: ignore[arg-type]
                               oldest_first=True)
    holders = holders_of(page.items)
    return page._replace(items=[OverdueCase(case, _overdue_s(case, now), holders[case.id]) for case in page.items])


def _overdue_s(case: Case, now: datetime) -> int:
    return max(0, int((now - case.due_at).total_seconds())) if case.due_at else 0


def holding(scope: Scope) -> list[Held]:
    """Who holds what for how long, the longest first."""
    rows = db.session.execute(
        select(Dispatch.responder_id, Dispatch.pushed_at, Dispatch.seen_at, Dispatch.accepted_at,
               is_overdue(clock.now()))
        .join(Case, (Case.id == Dispatch.case_id) & (Case.round == Dispatch.round))
        .where(scope.condition(), is_waiting(), *_HELD)).all()
    held: dict[UUID, list[tuple[datetime, bool, bool]]] = {}
    for responder_id, pushed_at, seen_at, accepted_at, is_late in rows:
        held.setdefault(responder_id, []).append((pushed_at, bool(is_late), (seen_at or accepted_at) is None))
    names = accounts.names_of(held)
    found = [Held(id, names.get(id, ""), len(some), sum(late for _, late, _ in some), sum(new for _, _, new in some),
                  min(at for at, _, _ in some)) for id, some in held.items()]
    return sorted(found, key=lambda each: (each.oldest_pushed_at, each.responder_id))


def how_many_overdue(scope: Scope) -> int:
    """How many cases are overdue."""
    return db.session.scalar(select(func.count()).select_from(Case).where(
        is_overdue(clock.now()), scope.condition())) or 0


def roster_gaps(scope: Scope) -> list[RosterGap]:
    """When nobody will be on duty at a post, in the next seven days, the earliest first."""
    return routing.roster_gaps(concerns=scope.holds)


def backlog(scope: Scope) -> list[Backlog]:
    """How many cases are open, by status and by age since the report."""
    now = clock.now()
    ages: dict[str, Counter[str]] = {}
    for status, opened_at in db.session.execute(
            select(Case.status, Case.opened_at).where(Case.status.in_(OPEN), scope.condition())):
        ages.setdefault(status.value, Counter())[_age(now - opened_at)] += 1
    return [Backlog(status, sum(counts.values()), {name: counts[name] for name in (*dict(AGES), OLDER)})
            for status, counts in sorted(ages.items())]


def _is_of_age(age: str, now: datetime) -> ColumnElement[bool]:
    """The condition on cases of one of the ages that `_age` tells apart."""
    days = dict(AGES)
    younger = max((each for each in days.values() if age == OLDER or each < days[age]), default=None)
    which = true() if age == OLDER else Case.opened_at >= now - timedelta(days=days[age])
    return which if younger is None else which & (Case.opened_at < now - timedelta(days=younger))


def _age(age: timedelta) -> str:
    return next((name for name, days in AGES if age <= timedelta(days=days)), OLDER)
