"""Hours of the next days in which nobody is on duty at a post that the rules need.

Reckoned in stretches of time, not hour by hour: four questions to the database, whatever the number of grids.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, delete, select

from incident_service import areas
from incident_service.accounts import Account, Role, RoleHeld
from incident_service.areas import AreaName, Layer
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import alone, transaction
from incident_service.routing.intervals import Stretch, joined, shared, without
from incident_service.routing.models import GapTold, Leave, RosterEntry
from incident_service.routing.posts import Post, shift_of, zone
from incident_service.routing.rule_sets import in_force
from incident_service.routing.shifts import DAY, Shift

AHEAD = timedelta(days=7)


class RosterGap(NamedTuple):
    """Nobody is on duty at a post from one moment to another, and why: `no_holder`, `not_rostered` or `leave`."""

    begins_at: datetime
    ends_at: datetime
    area_code: str
    area_name: str
    role: Role
    kind: str | None
    reason: str

    @property
    def post(self) -> Post:
        """The post."""
        return Post(self.area_code, self.role, self.kind or "")


class Watch(NamedTuple):
    """All that is known of who is there in a stretch of time."""

    holders: dict[Post, set[UUID]]
    entries: dict[Post, list[Row]]
    away: dict[UUID, list[Stretch]]
    runs: Callable[[Shift], list[Stretch]]


def roster_gaps(*, at: datetime | None = None, concerns: Callable[[str], bool] = lambda _: True) -> list[RosterGap]:
    """Every gap of the next seven days (from now, or `at`), the earliest first, in areas that `concerns` names."""
    now = at or clock.now()
    span = (now, now + AHEAD)
    watch = _watch(span)
    found = (gap for post, area, needed in _posts(span, watch.runs) if concerns(post.area_code)
             for gap in _gaps(post, area, needed, watch, span))
    return sorted(found, key=lambda gap: (gap.begins_at, gap.area_code, gap.role, gap.kind or ""))


def _posts(span: Stretch, runs: Callable[[Shift], list[Stretch]]) -> Iterator[tuple[Post, AreaName, list[Stretch]]]:
    """Every post that a rule in force may ask for, and when."""
    asked: dict[tuple[Layer, Role, str, str], list[Stretch]] = defaultdict(list)
    for rule in in_force().rules:
        for duty in rule.duties if rule.is_on else ():
            asked[duty.layer, duty.role, duty.kind or "", rule.within] += (
                shared([span], runs(rule.hours)) if rule.hours else [span])
    needed: dict[tuple[Post, AreaName], list[Stretch]] = defaultdict(list)
    for (layer, role, kind, within), hours in asked.items():
        for area in areas.all_on(layer):
            if not area.code.isdigit() or area.code.startswith(within):
                needed[Post(area.code, role, kind), area] += hours
    return ((post, area, joined(hours)) for (post, area), hours in needed.items())


def _gaps(post: Post, area: AreaName, needed: list[Stretch], watch: Watch, span: Stretch) -> Iterator[RosterGap]:
    holders = watch.holders[post]
    rostered = list(_rostered(post, holders, watch, span))
    there = (stretch for person, stretches in rostered
             for stretch in (without(stretches, watch.away[person]) if person in watch.away else stretches))
    for begins, ends in without(needed, there):
        planned = any(begin < ends and begins < end for _, some in rostered for begin, end in some)
        reason = "leave" if planned else "not_rostered" if holders else "no_holder"
        yield RosterGap(begins, ends, post.area_code, area.name, post.role, post.kind or None, reason)


def _rostered(post: Post, holders: set[UUID], watch: Watch, span: Stretch) -> Iterator[tuple[UUID, list[Stretch]]]:
    """Who is to be there when, leave aside: until the first day of the roster every holder, then who it names."""
    entries = watch.entries[post]
    begins = min((datetime.combine(each.from_on, time(), zone()) for each in entries), default=span[1])
    if begins > span[0]:
        yield from ((person, [(span[0], begins)]) for person in holders)
    for each in entries:
        if each.account_id in holders:
            yield each.account_id, watch.runs(shift_of(each))


def _watch(span: Stretch) -> Watch:
    first, last = (moment.astimezone(zone()).date() for moment in span)
    known: dict[Shift, list[Stretch]] = {}

    def runs(shift: Shift) -> list[Stretch]:
        if shift not in known:
            known[shift] = list(shift.runs(first - DAY, last, zone()))
        return known[shift]

    holders: dict[Post, set[UUID]] = defaultdict(set)
    for held in db.session.execute(select(RoleHeld.area_code, RoleHeld.role, RoleHeld.kind, RoleHeld.account_id)
                                   .join(Account, Account.id == RoleHeld.account_id)
                                   .where(Account.is_active, RoleHeld.role != Role.RESIDENT)):
        holders[Post(held.area_code, held.role, held.kind)].add(held.account_id)
    entries: dict[Post, list[Row]] = defaultdict(list)
    for entry in db.session.execute(select(
            RosterEntry.area_code, RosterEntry.role, RosterEntry.kind, RosterEntry.account_id, RosterEntry.weekdays,
            RosterEntry.begins_minute, RosterEntry.ends_minute, RosterEntry.from_on, RosterEntry.to_on)):
        entries[Post(entry.area_code, entry.role, entry.kind)].append(entry)
    away: dict[UUID, list[Stretch]] = defaultdict(list)
    for leave in db.session.execute(select(Leave.account_id, Leave.begins_at, Leave.ends_at)
                                    .where(Leave.begins_at < span[1], Leave.ends_at > span[0])):
        away[leave.account_id].append((leave.begins_at, leave.ends_at))
    return Watch(holders, entries, away, runs)


def told_anew(gaps: Sequence[RosterGap], *, at: datetime) -> list[RosterGap]:
    """Those of the gaps that nobody was told of yet, from now on told; what is no gap any more is forgotten.

    A gap that has begun stays the one it was. Safe to repeat, and by several at once.
    """
    if _compared(gaps, at)[:2] == ([], []):
        return []
    with transaction():
        alone("roster-gaps")
        fresh, gone = _compared(gaps, at)
        db.session.execute(delete(GapTold).where(GapTold.id.in_(gone)).execution_options(synchronize_session=False))
        db.session.add_all(GapTold(id=new_id(), area_code=gap.area_code, role=gap.role, kind=gap.kind or "",
                                   begins_at=gap.begins_at) for gap in fresh)
        db.session.flush()
        return fresh


def _compared(gaps: Iterable[RosterGap], at: datetime) -> tuple[list[RosterGap], list[UUID]]:
    """The gaps that are new, and the ids of those told of that are gone."""
    told = {(Post(each.area_code, each.role, each.kind), each.begins_at): each.id
            for each in db.session.scalars(select(GapTold))}
    begun = {post: begins for post, begins in sorted(told, key=lambda each: each[1]) if begins <= at}
    fresh: list[RosterGap] = []
    kept: set[UUID] = set()
    for gap in gaps:
        begins = begun.get(gap.post, gap.begins_at) if gap.begins_at <= at else gap.begins_at
        if (gap.post, begins) in told:
            kept.add(told[gap.post, begins])
        else:
            fresh.append(gap)
    return fresh, [id for id in told.values() if id not in kept]
