"""The working calendar in force: as shipped, with every change a city has made since, kept version by version."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from incident_service.catalogue import deadlines
from incident_service.catalogue.calendar import (
    Fault,
    Holiday,
    Slot,
    WorkingCalendar,
    Year,
    faults_of_slots,
    faults_of_year,
)
from incident_service.catalogue.categories import FilingCondition, Unit
from incident_service.catalogue.deadlines import Deadline, Pause
from incident_service.catalogue.models import CalendarChange
from incident_service.foundation import clock
from incident_service.foundation.database import ONE, db, new_id
from incident_service.foundation.problems import FieldError, Invalid, PreconditionFailed
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import alone, current_unit, look_again, looked_up, transaction

LAID_OUT = "calendars"                              # by the last change: the calendar it made; by None: as shipped
SHIPPED = 0
LAST_CHANGE = Question(
    select(CalendarChange.number, CalendarChange.changed_at).order_by(CalendarChange.number.desc()).limit(ONE))


Calendars = dict[tuple[int, datetime] | None, WorkingCalendar]


class Arrangement(NamedTuple):
    """A year as it now stands, by which change (0: as shipped), and whether anybody has published it."""

    year: Year
    revision: int
    is_provisional: bool


class Slots(NamedTuple):
    """The slots of every working day as they now stand, and by which change (0: as shipped)."""

    slots: tuple[Slot, ...]
    revision: int
    source: str


def calendar() -> WorkingCalendar:
    """The calendar in force at this moment, as the database has it, and one for the whole of a transaction. Its
    `version` names the shipped table and the last change."""
    return _after(next(((number, at) for number, at in looked_up(LAID_OUT, LAST_CHANGE.ask_along).rows), None))


def ask_calendar_ahead() -> None:
    """Have the calendar in force asked for together with what is asked next, for who wants it later in the open
    transaction."""
    current_unit()
    looked_up(LAID_OUT, LAST_CHANGE.ask_along)


def _after(key: tuple[int, datetime] | None) -> WorkingCalendar:
    """The calendar that the change of this number and time made; without one, as shipped."""
    known: Calendars = current_app.extensions[LAID_OUT]
    if key is not None and key not in known:
        known[key] = _changed(known[None], db.session.scalars(
            select(CalendarChange).where(CalendarChange.number <= key[0]).order_by(CalendarChange.number)))
    return known[key]


def _changed(shipped: WorkingCalendar, changes: Iterable[CalendarChange]) -> WorkingCalendar:
    years, slots, number = dict(shipped.years), shipped.slots, SHIPPED
    for each in changes:
        number = each.number
        if each.year is None:
            slots = tuple(_slot(one) for one in each.content["slots"])
        else:
            years[each.year] = _year(each)
    return replace(shipped, years=years, slots=slots, version=f"{shipped.version}-{number}")


def _slot(written: dict[str, str]) -> Slot:
    return Slot(time.fromisoformat(written["from"]), time.fromisoformat(written["to"]))


def _year(change: CalendarChange) -> Year:
    return Year(
        change.year or 0, change.source,
        tuple(Holiday(each["name"], date.fromisoformat(each["from"]), date.fromisoformat(each["to"]))
              for each in change.content["holidays"]),
        tuple(date.fromisoformat(day) for day in change.content["make_up"]))


def arrangement(year: int) -> Arrangement:
    """What is known of a year. One that nobody has published counts by its weekdays, and says so."""
    known = calendar().years.get(year)
    return Arrangement(known or Year(year, "", (), ()), _revision(year), known is None)


def arrangements() -> list[Arrangement]:
    """Every year that is known, in order."""
    return [arrangement(year) for year in sorted(calendar().years)]


def slots() -> Slots:
    """The slots of every working day."""
    changed = db.session.scalars(select(CalendarChange).where(CalendarChange.year.is_(None))
                                 .order_by(CalendarChange.number.desc()).limit(1)).first()
    return Slots(calendar().slots, changed.number if changed else SHIPPED, changed.source if changed else "")


def _revision(year: int | None) -> int:
    same = CalendarChange.year.is_(None) if year is None else CalendarChange.year == year
    return db.session.scalar(select(func.max(CalendarChange.number)).where(same)) or SHIPPED


def arrange_year(year: Year, *, by_id: UUID, revision: int | None = None) -> None:
    """Put the arrangement of a year into the calendar, for every deadline set from now on.

    Deadlines that are set stay as they are, and name the version they were reckoned by. Raises Invalid, and
    PreconditionFailed when `revision` has passed.
    """
    _check(faults_of_year(year))
    _change(year.year, {
        "holidays": [{"name": each.name, "from": each.begins.isoformat(), "to": each.ends.isoformat()}
                     for each in year.holidays],
        "make_up": [day.isoformat() for day in year.make_up]}, source=year.source, by_id=by_id, revision=revision)


def arrange_slots(wanted: tuple[Slot, ...], *, source: str, by_id: UUID, revision: int | None = None) -> None:
    """Put other slots into the calendar, for every deadline set from now on. Raises like `arrange_year`."""
    _check(faults_of_slots(wanted))
    _change(None, {"slots": [{"from": each.begins.isoformat(), "to": each.ends.isoformat()} for each in wanted]},
            source=source, by_id=by_id, revision=revision)


def _check(faults: Iterable[Fault]) -> None:
    if errors := [FieldError(f"#/{each.part}", each.says) for each in faults]:
        raise Invalid(errors=errors)


def _change(year: int | None, content: dict[str, Any], *, source: str, by_id: UUID, revision: int | None) -> None:
    with transaction():
        alone("calendar")
        if revision is not None and revision != (current := _revision(year)):
            raise PreconditionFailed(current_version=current)
        last = db.session.scalar(select(func.max(CalendarChange.number))) or SHIPPED
        look_again(LAID_OUT)
        db.session.add(CalendarChange(id=new_id(), number=last + 1, year=year, content=content, source=source,
                                      changed_by_id=by_id, changed_at=clock.now()))


def rectify_due_at(condition: FilingCondition, pushed_at: datetime) -> datetime:
    """When a case pushed at this moment (aware) must be rectified, in UTC."""
    return deadlines.rectify_due_at(condition, pushed_at, calendar=calendar())


def deadline(condition: FilingCondition, starts_at: datetime, span: timedelta | None = None, *, times: int = 1,
             pauses: Iterable[Pause] = ()) -> Deadline:
    """The deadline of a clock that starts at this moment and stands still in `pauses`: after the condition's limit, so
    many `times`, or after another `span` of its time."""
    known = calendar()
    allowed = times * deadlines.length(condition, calendar=known) if span is None else span
    return deadlines.reckon(condition.unit, starts_at, allowed, calendar=known, pauses=pauses)


def time_left(unit: Unit, now: datetime, due_at: datetime) -> timedelta:
    """How much of the unit's sort of time is left until `due_at`; none when it has passed."""
    return deadlines.left(unit, now, due_at, calendar=calendar())


def after(unit: Unit, starts_at: datetime, span: timedelta) -> datetime:
    """The moment (UTC) at which `span`, more than none, of the unit's sort of time has run."""
    return deadlines.run(unit, starts_at, span, calendar=calendar())


def is_provisional(due_at: datetime) -> bool:
    """Whether a deadline lies in a year whose public holidays are not known yet, so that it may still move."""
    return calendar().is_provisional(due_at)
