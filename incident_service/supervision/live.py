"""What needs somebody now: soon due, seen by nobody, passed to and fro, who holds what, how old the backlog is."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select, true

from incident_service import accounts, routing
from incident_service.cases import Case, CaseEvent, Dispatch, Move, Status
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db
from incident_service.routing import RosterGap
from incident_service.supervision.overdue import OverdueCase, holders_of, is_overdue, is_waiting, overdue_s
from incident_service.supervision.scope import Scope

OPEN = frozenset(Status) - {Status.CLOSED, Status.MERGED, Status.VOID}
AGES = (("up_to_1_day", 1), ("up_to_3_days", 3), ("up_to_7_days", 7), ("up_to_30_days", 30))
OLDER = "older"
TO_AND_FRO_MIN = 2


class Held(NamedTuple):
    """What one responder holds: cases not rectified, how many of them are late, how many they have not opened (of two
    parts in one case: either of them), and since when they hold the oldest."""

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
        which &= _age(now) == age
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
    return page._replace(items=[OverdueCase(each, overdue_s(each, now), holders[each.id]) for each in page.items])


def holding(scope: Scope) -> list[Held]:
    """Who holds what for how long, the longest first."""
    each = select(                                  # a case once, in whichever parts it is held
        Dispatch.responder_id, func.min(Dispatch.pushed_at).label("pushed_at"),
        func.max(case((is_overdue(clock.now()), 1), else_=0)).label("is_late"),
        func.max(case((_NOT_OPENED, 1), else_=0)).label("is_new"),
    ).join(Case, (Case.id == Dispatch.case_id) & (Case.round == Dispatch.round)).where(
        scope.condition(), is_waiting(), *_HELD).group_by(Dispatch.responder_id, Case.id).subquery().c
    rows = db.session.execute(select(
        each.responder_id, func.count(), func.sum(each.is_late), func.sum(each.is_new), func.min(each.pushed_at),
    ).group_by(each.responder_id)).all()
    names = accounts.names_of({id for id, *_ in rows})
    found = [Held(id, names.get(id, ""), *counts) for id, *counts in rows]
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
    ages: dict[str, Counter[str]] = {}
    rows = select(Case.status, _age(clock.now()).label("age"), func.count()).where(
        Case.status.in_(OPEN), scope.condition()).group_by(Case.status, "age")
    for status, age, count in db.session.execute(rows):
        ages.setdefault(status.value, Counter())[age] = count
    return [Backlog(status, sum(counts.values()), {name: counts[name] for name in (*dict(AGES), OLDER)})
            for status, counts in sorted(ages.items())]


def _age(now: datetime) -> ColumnElement[str]:
    return case(*((Case.opened_at >= now - timedelta(days=days), name) for name, days in AGES), else_=OLDER)
