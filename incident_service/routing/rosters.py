"""Shifts entered one by one, by the desk or an administrator of the area; files replace whole posts (`roster_files`).

Always true here: whoever is on a roster holds the role within the area; every change is kept (`roster_log`).
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from incident_service import accounts
from incident_service.accounts import Account, NoSuchPerson, Role
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, FieldError, Forbidden, Invalid, NotFound, PreconditionFailed
from incident_service.foundation.transaction import alone, transaction
from incident_service.foundation.words import both
from incident_service.routing import roster_log
from incident_service.routing.leaves import KEEPERS
from incident_service.routing.models import ROSTERS, RosterChange, RosterEntry, ShiftDone, Step
from incident_service.routing.posts import Post, zone
from incident_service.routing.shifts import EVERY_DAY

SAME = ("account_id", "step", "weekdays", "begins_minute", "ends_minute", "from_on")       # then it is there already


class NoSuchShift(NotFound):
    """There is no such shift, or none the caller may see."""
    slug, title = "shift-not-found", both("没有此班次", "There is no such shift")


class ShiftThere(Conflict):
    """The roster says so already."""
    slug, title = "shift-there", both("排班中已有此班次", "The roster has this shift already")


class RosterNotYours(Forbidden):
    """The post lies outside the areas whose rosters the caller keeps."""
    slug, title = "roster-not-yours", both("该岗位不在您的管辖区域内", "This post lies beyond your areas")


def add_shift(person_id: UUID, *, by: Account, post: Post, step: Step = Step.HOLDER, shift: str,
              weekdays: int = EVERY_DAY, begins_minute: int, ends_minute: int, from_on: date | None = None,
              to_on: date | None = None) -> RosterEntry:
    """Put somebody on the roster of a post, as A 角 or (`deputy`) B 角, from today on or another day.

    Raises RosterNotYours, NoSuchPerson, Invalid (they do not hold the role there, days out of order), ShiftThere.
    """
    if not by.holds(*KEEPERS, reaching=post.area_code):
        raise RosterNotYours()
    with transaction():
        alone(ROSTERS)
        entry = RosterEntry(
            id=new_id(), account_id=person_id, role=post.role, kind=post.kind, area_code=post.area_code, step=step,
            shift=shift, weekdays=weekdays, begins_minute=begins_minute, ends_minute=ends_minute,
            from_on=from_on or today(), to_on=to_on)
        _check(entry)
        db.session.add(entry)
        db.session.flush()
        roster_log.write(entry, ShiftDone.ADDED, by_id=by.id)
        return entry


def change_shift(id: UUID, *, by: Account, version: int | None = None, **content: Any) -> RosterEntry:
    """Let a shift of the same person at the same post run otherwise from now on: `step`, `shift`, `weekdays`,
    `begins_minute`, `ends_minute`, `from_on` (as it was when None), `to_on`.

    Safe to repeat: what is so already changes nothing. Raises NoSuchShift, PreconditionFailed, Invalid, ShiftThere.
    """
    with transaction():
        entry = _find(id, by, version)
        before = roster_log.content_of(entry)
        with db.session.no_autoflush:
            for name, value in content.items():
                setattr(entry, name, value if name != "from_on" or value else entry.from_on)
            _check(entry)
        if roster_log.content_of(entry) != before:
            _keep(entry, ShiftDone.CHANGED, by, before)
        return entry


def end_shift(id: UUID, *, by: Account, version: int | None = None) -> None:
    """Let a shift begin no more; today's, if it has begun, ends now. What was, stays; what never began is struck out.

    Safe to repeat. Raises NoSuchShift, PreconditionFailed.
    """
    with transaction():
        entry = _find(id, by, version)
        last, before = today() - timedelta(days=1), roster_log.content_of(entry)
        if (ends_minute := _ended_today(entry)) is not None:
            if (entry.to_on, entry.ends_minute) != (today(), ends_minute):
                _end_now(entry, ends_minute, by, before)
        elif entry.from_on > last:
            roster_log.write(entry, ShiftDone.ENDED, by_id=by.id, before=before)
            db.session.delete(entry)
        elif entry.to_on is None or entry.to_on > last:
            entry.to_on = last
            _keep(entry, ShiftDone.ENDED, by, before)


def _ended_today(entry: RosterEntry) -> int | None:
    """The minute at which today's shift ends when none is to run from now on; None when none has begun today."""
    here = clock.now().astimezone(zone())
    minute, day = here.hour * 60 + here.minute, here.date()
    is_of_today = entry.from_on <= day <= (entry.to_on or day) and entry.weekdays >> day.weekday() & 1
    if not is_of_today or entry.begins_minute >= minute:
        return None
    is_over = entry.begins_minute < entry.ends_minute <= minute
    return entry.ends_minute if is_over else minute


def _end_now(entry: RosterEntry, ends_minute: int, by: Account, before: dict[str, Any]) -> None:
    """Let today's shift be the last, and end at that minute; those of earlier days stay as long as they were."""
    day = today()
    if entry.from_on < day and entry.ends_minute != ends_minute:
        facts = {name: getattr(entry, name) for name in (*SAME, "area_code", "role", "kind", "shift")}
        of_today = RosterEntry(**facts | {"id": new_id(), "from_on": day, "to_on": day, "ends_minute": ends_minute})
        db.session.add(of_today)
        db.session.flush()
        roster_log.write(of_today, ShiftDone.ADDED, by_id=by.id)
        entry.to_on = day - timedelta(days=1)
    else:
        entry.to_on, entry.ends_minute = day, ends_minute
    _keep(entry, ShiftDone.ENDED, by, before)


def page_of_shifts(by: Account, *, limit: int, cursor: str, area: str | None = None, role: Role | None = None,
                   person_id: UUID | None = None, past: bool = False) -> paging.Page:
    """The shifts of posts within somebody's areas that are not over, or all of them, the last entered first."""
    wanted = select(RosterEntry).where(_within(RosterEntry.area_code, by, area))
    if role is not None:
        wanted = wanted.where(RosterEntry.role == role)
    if person_id is not None:
        wanted = wanted.where(RosterEntry.account_id == person_id)
    if not past:
        wanted = wanted.where(db.or_(RosterEntry.to_on.is_(None), RosterEntry.to_on >= today() - timedelta(days=1)))
    return paging.newest_first(wanted, RosterEntry.id, RosterEntry.id, limit=limit, cursor=cursor)  # type: ignore[arg-type]


def find_shift(id: UUID, *, by: Account) -> RosterEntry:
    """One shift. Raises NoSuchShift."""
    entry = db.session.get(RosterEntry, id)
    if entry is None or not by.holds(*KEEPERS, reaching=entry.area_code):
        raise NoSuchShift()
    return entry


def page_of_changes(by: Account, *, limit: int, cursor: str, area: str | None = None) -> paging.Page:
    """What was changed in the rosters of posts within somebody's areas, the newest first."""
    wanted = select(RosterChange).where(_within(RosterChange.area_code, by, area))
    return paging.newest_first(wanted, RosterChange.at, RosterChange.id, limit=limit, cursor=cursor)


def today() -> date:
    """The day it is in the installation's time zone."""
    return clock.now().astimezone(zone()).date()


def _find(id: UUID, by: Account, version: int | None) -> RosterEntry:
    """A shift, which nobody else changes until the transaction ends."""
    alone(ROSTERS)
    entry = find_shift(id, by=by)
    db.session.refresh(entry)
    if version is not None and version != entry.version:
        raise PreconditionFailed(current_version=entry.version)
    return entry


def _keep(entry: RosterEntry, done: ShiftDone, by: Account, before: dict[str, Any]) -> None:
    entry.version += 1
    db.session.flush()
    roster_log.write(entry, done, by_id=by.id, before=before)


def _check(entry: RosterEntry) -> None:
    """What a file is checked for as well: who it is, whether they hold the post, days in order, nothing twice."""
    person = accounts.find(entry.account_id)
    if not person.is_active:
        raise NoSuchPerson()
    if entry.to_on and entry.to_on < entry.from_on:
        raise Invalid(errors=[FieldError("#/to_on", both("截止日期早于起始日期", "It ends before it begins"))])
    if not any((held.role, held.kind, held.area_code) == (entry.role, entry.kind, entry.area_code)
               for held in person.roles):
        raise Invalid(errors=[FieldError("#/person_id", both("该人员在此区域没有此角色",
                                                             "They do not hold this role within this area"))])
    same = [getattr(RosterEntry, name) == getattr(entry, name) for name in (*SAME, "area_code", "role", "kind")]
    if db.session.scalar(select(RosterEntry.id).where(RosterEntry.id != entry.id, *same)):
        raise ShiftThere()


def _within(column: InstrumentedAttribute[str], by: Account, area: str | None) -> ColumnElement[bool]:
    """The condition on posts that somebody keeps the roster of, within one area when it is named."""
    mine = db.or_(db.false(), *(_lies_in(column, code) for code in by.area_codes(*KEEPERS)))
    return mine if area is None else mine & _lies_in(column, area)


def _lies_in(column: InstrumentedAttribute[str], code: str) -> ColumnElement[bool]:
    return column.startswith(code, autoescape=True) if code.isdigit() else column == code
