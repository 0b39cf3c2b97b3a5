"""Who is on duty at a post at a moment: by the roster where there is one, else whoever holds the role there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, cast, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from incident_service.accounts import Account, Role, RoleHeld
from incident_service.foundation.ready import Question
from incident_service.routing.models import Leave, RosterEntry, Step
from incident_service.routing.shifts import Shift

SHIFT_COLUMNS = (
    RosterEntry.id.label("entry_id"), RosterEntry.step, RosterEntry.shift, RosterEntry.weekdays,
    RosterEntry.begins_minute, RosterEntry.ends_minute, RosterEntry.from_on, RosterEntry.to_on)
CODES: BindParameter[list[str]] = bindparam("codes", expanding=True)
AT = bindparam("at", type_=Leave.begins_at.type)


def _none_of(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return cast(null(), column.type)


# the rosters of areas, rows without `created_at`, and who holds the roles there, rows without `entry_id`; made once, as
# every dispatch asks it
PEOPLE: Question[str, Role, str, UUID, datetime, UUID, Step, str, int, int, int, date, date] = Question(union_all(
    select(RosterEntry.area_code, RosterEntry.role, RosterEntry.kind, RosterEntry.account_id,
           _none_of(Account.created_at).label("created_at"), *SHIFT_COLUMNS)
    .where(RosterEntry.area_code.in_(CODES)),
    select(RoleHeld.area_code, RoleHeld.role, RoleHeld.kind, Account.id, Account.created_at,
           *(_none_of(column) for column in SHIFT_COLUMNS))
    .join(Account, Account.id == RoleHeld.account_id)
    .where(RoleHeld.area_code.in_(CODES), Account.is_active, ~select(Leave.id).where(
        Leave.account_id == Account.id, Leave.begins_at <= AT, Leave.ends_at > AT).exists())))


class Post(NamedTuple):
    """What somebody is on duty for: a role (of a kind, empty when it has none) held within exactly one area."""

    area_code: str
    role: Role
    kind: str = ""


class OnDuty(NamedTuple):
    """Somebody on duty at a post: the roster entry that says so and its shift, None where there is no roster."""

    account_id: UUID
    step: Step
    entry_id: UUID | None
    shift: str | None
    since: datetime


def zone() -> ZoneInfo:
    """The installation's time zone, in which shifts and rules are written."""
    return ZoneInfo(current_app.config["TIME_ZONE"])


def on_duty(posts: Collection[Post], at: datetime) -> Mapping[Post, list[OnDuty]]:
    """Who is on duty at each post at a moment: A before B, then by seniority. One question to the database.

    A post has a roster from the first day of its first entry on. Then only who it names, and who still holds the role,
    is on duty; before that every active holder is. Who is on leave is nowhere.
    """
    holders, entries = _holders_and_entries(posts, at)
    return {post: sorted(_there(holders[post], entries[post], at), key=lambda each: (each.step is Step.DEPUTY,
            each.since, each.account_id)) for post in posts}


def _there(holders: Iterable[Row], entries: Iterable[Row], at: datetime) -> Iterable[OnDuty]:
    local, since = zone(), {holder.account_id: holder.created_at for holder in holders}
    today = at.astimezone(local).date()
    rostered = [each for each in entries if each.from_on <= today]
    if not rostered:
        return [OnDuty(id, Step.HOLDER, None, None, began) for id, began in since.items()]
    there: dict[UUID, OnDuty] = {}
    for each in sorted(rostered, key=lambda entry: (entry.step is Step.DEPUTY, entry.entry_id)):
        if each.account_id in since and shift_of(each).runs_at(at, local):
            there.setdefault(each.account_id, OnDuty(each.account_id, each.step, each.entry_id, each.shift,
                                                     since[each.account_id]))
    return there.values()


def shift_of(entry: Row | RosterEntry) -> Shift:
    """When the shift of a roster entry runs."""
    return Shift(entry.weekdays, entry.begins_minute, entry.ends_minute, entry.from_on, entry.to_on)


def _holders_and_entries(posts: Collection[Post], at: datetime) -> tuple[dict[Post, list[Row]], dict[Post, list[Row]]]:
    """The active holders of each post who are not on leave, and the roster of each post."""
    rows = PEOPLE.ask(codes=[*{post.area_code for post in posts}], at=at)
    return (_by_post(row for row in rows if row.entry_id is None),
            _by_post(row for row in rows if row.entry_id is not None))


def _by_post(rows: Iterable[Row]) -> dict[Post, list[Row]]:
    found: dict[Post, list[Row]] = defaultdict(list)
    for row in rows:
        found[Post(row.area_code, row.role, row.kind)].append(row)
    return found
