"""Leave (请假): who is away, entered by the desk or an administrator of an area they serve in."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from incident_service import accounts
from incident_service.accounts import Account, NoSuchPerson, Role, RoleHeld
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import FieldError, Invalid, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.routing.models import Leave

KEEPERS = (Role.DESK, Role.ADMIN)
LEAVE_MAX = timedelta(days=366)


class NoSuchLeave(NotFound):
    """There is no such leave, or none the caller may see."""
    slug, title = "leave-not-found", both("没有此请假记录", "There is no such leave")


def grant_leave(person_id: UUID, *, by: Account, begins_at: datetime, ends_at: datetime, note: str = "") -> Leave:
    """Let somebody be away from one moment to another, from every post they have. Raises NoSuchPerson, Invalid."""
    if not timedelta() < ends_at - begins_at <= LEAVE_MAX:
        raise Invalid(errors=[FieldError("#/to", both("结束须晚于开始，且不超过一年",
                                                      "It ends after it begins, and within a year"))])
    with transaction():
        if not _keeps(by, accounts.find(person_id)):
            raise NoSuchPerson()
        leave = Leave(id=new_id(), account_id=person_id, begins_at=begins_at, ends_at=ends_at, note=note,
                      entered_by_id=by.id, entered_at=clock.now())
        db.session.add(leave)
        return leave


def end_leave(id: UUID, *, by: Account) -> None:
    """Somebody is back, or does not go. What was past stays as it was, and who ended it is kept: another time is
    another leave. Safe to repeat. Raises NoSuchLeave."""
    with transaction():
        leave = db.session.scalar(for_update(select(Leave).where(Leave.id == id)))
        if leave is None or not _keeps(by, accounts.find(leave.account_id)):
            raise NoSuchLeave()
        ends_at = max(min(leave.ends_at, clock.now()), leave.begins_at)
        if ends_at != leave.ends_at:
            leave.was_to_end_at, leave.ends_at, leave.ended_by_id = leave.ends_at, ends_at, by.id


def page_of_leaves(by: Account, *, limit: int, cursor: str, past: bool = False) -> paging.Page:
    """The leaves of people who serve within the areas of a desk or administrator that are not over, or all of them, the
    last first."""
    mine = [RoleHeld.area_code.startswith(code, autoescape=True) for code in by.area_codes(*KEEPERS)]
    theirs = select(RoleHeld.account_id).where(db.or_(*mine), RoleHeld.role != Role.RESIDENT)
    wanted = select(Leave).where(Leave.account_id.in_(theirs))
    if not past:
        wanted = wanted.where(Leave.ends_at > clock.now(), Leave.ends_at > Leave.begins_at)
    return paging.newest_first(wanted, Leave.begins_at, Leave.id, limit=limit, cursor=cursor)


def _keeps(by: Account, person: Account) -> bool:
    return any(by.holds(*KEEPERS, reaching=held.area_code) for held in person.roles if held.role is not Role.RESIDENT)
