"""The least that is valid of a roster, as plain functions."""

from datetime import date, datetime, time

from incident_service.accounts import Account, Role
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.routing import Leave, RosterEntry, Step

SHANGHAI = "+08:00"
MONDAY_NOON = datetime.fromisoformat("2026-11-23T12:00:00+08:00")


def minutes(at: str) -> int:
    moment = time.fromisoformat(at)
    return moment.hour * 60 + moment.minute


def a_shift(person: Account, area: str, role: Role, *, kind: str = "", step: Step = Step.HOLDER, weekdays: int = 127,
            begins: str = "00:00", ends: str = "00:00", from_on: str = "2026-01-01", to_on: str | None = None,
            shift: str = "全天") -> RosterEntry:
    """Somebody's shift: always, unless it is said when."""
    entry = RosterEntry(
        id=new_id(), account_id=person.id, role=role, kind=kind, area_code=area, step=step, shift=shift,
        weekdays=weekdays, begins_minute=minutes(begins), ends_minute=minutes(ends),
        from_on=date.fromisoformat(from_on), to_on=date.fromisoformat(to_on) if to_on else None)
    with transaction():
        db.session.add(entry)
    return entry


def a_leave(person: Account, begins: str, ends: str) -> Leave:
    """Somebody is away from one moment to another."""
    leave = Leave(id=new_id(), account_id=person.id, begins_at=datetime.fromisoformat(begins),
                  ends_at=datetime.fromisoformat(ends), note="", entered_by_id=person.id, entered_at=clock.now())
    with transaction():
        db.session.add(leave)
    return leave
