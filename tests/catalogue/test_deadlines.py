"""Deadlines, for every moment and every limit."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from config.base import Base
from incident_service.catalogue import FilingCondition, Unit
from incident_service.catalogue.calendar_table import read_calendar
from incident_service.catalogue.deadlines import RUNS_ON as URGENT
from incident_service.catalogue.deadlines import left, length, reckon, rectify_due_at, run
from incident_service.foundation.words import both

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = read_calendar(Base.TABLES_DIR / "calendar.toml", time_zone="Asia/Shanghai")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 3, 1), timezones=st.just(CHINA))    # noqa: DTZ001
WORKING = st.sampled_from([Unit.WORKING_HOURS, Unit.WORKING_DAYS])
LIMITS = st.integers(1, 30)


def a_condition(limit: int, unit: Unit) -> FilingCondition:
    return FilingCondition("occupied", both("占用", "occupied"), limit, unit, is_default=True, source="a test")


def due(limit: int, unit: Unit, pushed_at: datetime) -> datetime:
    return rectify_due_at(a_condition(limit, unit), pushed_at, calendar=CALENDAR)


def in_a_slot(moment: datetime) -> bool:
    """Read from the words of the calendar, not by its code: 08–12 and 14–18 on a working day, ends included."""
    local = moment.astimezone(CHINA)
    hour = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return CALENDAR.is_working_day(local.date()) and any(
        timedelta(hours=begins) <= hour <= timedelta(hours=ends) for begins, ends in ((8, 12), (14, 18)))


@pytest.mark.parametrize(("limit", "unit", "expected"), [
    (2, Unit.URGENT_HOURS, "2026-02-14T19:30"),
    (1, Unit.URGENT_DAYS, "2026-02-15T17:30"),
    (1, Unit.WORKING_HOURS, "2026-02-24T08:30"),
    (1, Unit.WORKING_DAYS, "2026-02-24T17:30"),
])
def test_the_four_units_on_the_eve_of_the_spring_festival(limit, unit, expected):
    pushed_at = datetime(2026, 2, 14, 17, 30, tzinfo=CHINA)
    assert due(limit, unit, pushed_at).astimezone(CHINA).isoformat(timespec="minutes") == f"{expected}+08:00"


@given(LIMITS, WORKING, MOMENTS)
def test_a_working_time_deadline_never_lies_outside_a_slot(limit, unit, pushed_at):
    assert in_a_slot(due(limit, unit, pushed_at))


@given(LIMITS, st.sampled_from(Unit), MOMENTS)
def test_a_deadline_lies_after_the_push_and_is_utc(limit, unit, pushed_at):
    reached = due(limit, unit, pushed_at)
    assert reached > pushed_at
    assert reached.tzinfo is UTC


@given(LIMITS, st.sampled_from(Unit), MOMENTS, st.timedeltas(timedelta(), timedelta(days=20)))
def test_who_is_pushed_later_is_due_no_earlier(limit, unit, pushed_at, later):
    assert due(limit, unit, pushed_at) <= due(limit, unit, pushed_at + later)


@given(LIMITS, WORKING, MOMENTS)
def test_outside_the_slots_the_clock_stands_still(limit, unit, pushed_at):
    assume(not in_a_slot(pushed_at))
    assert due(limit, unit, pushed_at) == due(limit, unit, pushed_at + timedelta(seconds=1)) or in_a_slot(
        pushed_at + timedelta(seconds=1))


@given(st.integers(1, 10), MOMENTS)
def test_as_many_working_minutes_pass_as_the_limit_says(limit, pushed_at):
    """Counted minute by minute between push and deadline."""
    pushed_at = pushed_at.replace(second=0, microsecond=0)
    reached = due(limit, Unit.WORKING_HOURS, pushed_at)
    minutes = int((reached - pushed_at) / timedelta(minutes=1))
    middles = (pushed_at.astimezone(UTC) + timedelta(minutes=minute, seconds=30) for minute in range(minutes))
    assert sum(in_a_slot(middle) for middle in middles) == limit * 60


@given(LIMITS, MOMENTS)
def test_a_working_day_is_eight_working_hours(limit, pushed_at):
    assert due(limit, Unit.WORKING_DAYS, pushed_at) == due(limit * 8, Unit.WORKING_HOURS, pushed_at)


SPANS = st.timedeltas(timedelta(minutes=1), timedelta(days=40))
UNITS = st.sampled_from(Unit)


@st.composite
def pauses(draw, since: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses of any shape, one after the other: of an instant or of months, across nights and New Year, in a row."""
    found = []
    for wait, lasts in draw(st.lists(st.tuples(st.timedeltas(timedelta(), timedelta(days=30)),
                                               st.timedeltas(timedelta(), timedelta(days=150))), max_size=4)):
        begins = since + wait
        since = begins + lasts
        found.append((begins, since))
    return found


@st.composite
def a_clock(draw) -> tuple[Unit, datetime, timedelta, list[tuple[datetime, datetime]]]:
    """A unit, a push, a limit with its extensions, and pauses (some begin before the push)."""
    pushed_at = draw(MOMENTS)
    span = (1 + draw(st.integers(0, 2))) * length(a_condition(draw(LIMITS), draw(UNITS)), calendar=CALENDAR)
    return draw(UNITS), pushed_at, span, draw(pauses(pushed_at - draw(st.timedeltas(timedelta(), timedelta(days=9)))))


def each_slot(begins: datetime, ends: datetime) -> list[timedelta]:
    """What lies of each slot between two moments, walked day by day from the words of the calendar."""
    found, day = [], begins.astimezone(CHINA).date()
    while day <= ends.astimezone(CHINA).date():
        for opens, closes in ((8, 12), (14, 18)) if CALENDAR.is_working_day(day) else ():
            one, other = (datetime(day.year, day.month, day.day, hour, tzinfo=CHINA) for hour in (opens, closes))
            if max(one, begins) < min(other, ends):
                found.append(min(other, ends) - max(one, begins))
        day += timedelta(days=1)
    return found


def runs(pushed_at: datetime, reckoned) -> list[tuple[datetime, datetime]]:
    """The stretches in which the clock ran: what lies between the pauses it says it stood still in."""
    edges = [pushed_at, *(edge for pause in reckoned.pauses for edge in pause), reckoned.due_at]
    return list(zip(edges[::2], edges[1::2], strict=True))


@settings(max_examples=300)
@given(a_clock())
def test_pauses_of_any_shape_leave_the_deadline_in_a_slot_and_outside_every_pause(clock):
    unit, pushed_at, span, stood = clock
    reckoned = reckon(unit, pushed_at, span, calendar=CALENDAR, pauses=stood)
    assert unit in URGENT or in_a_slot(reckoned.due_at)
    assert not any(begins < reckoned.due_at <= ends for begins, ends in reckoned.pauses)
    assert set(reckoned.pauses) <= {(max(begins, pushed_at), ends) for begins, ends in stood}


@settings(max_examples=300)
@given(a_clock())
def test_no_pause_takes_or_gives_time_and_the_explanation_adds_up_slot_by_slot(clock):
    unit, pushed_at, span, stood = clock
    reckoned = reckon(unit, pushed_at, span, calendar=CALENDAR, pauses=stood)
    ran = runs(pushed_at, reckoned)
    assert all(begins <= ends for begins, ends in ran)
    if unit in URGENT:
        assert sum((ends - begins for begins, ends in ran), timedelta()) == span
        assert reckoned.counted is None
        return
    slots = [slot for stretch in ran for slot in each_slot(*stretch)]
    assert sum(slots, timedelta()) == span == reckoned.counted.working_time
    assert reckoned.counted.slots == len(slots)
    days = {(begins.astimezone(CHINA) + timedelta(days=n)).date() for begins, ends in ran
            for n in range((ends.astimezone(CHINA).date() - begins.astimezone(CHINA).date()).days + 1)}
    free = [day for day in days if not CALENDAR.is_working_day(day)]
    assert sum(reckoned.counted.holidays.values()) + reckoned.counted.weekend_days == len(free)


@settings(max_examples=300)
@given(a_clock(), st.data())
def test_a_pause_more_never_brings_a_deadline_forward(clock, data):
    unit, pushed_at, span, stood = clock
    due_at = reckon(unit, pushed_at, span, calendar=CALENDAR, pauses=stood).due_at
    begins = (stood[-1][1] if stood else pushed_at) + data.draw(st.timedeltas(timedelta(), timedelta(days=30)))
    more = [*stood, (begins, begins + data.draw(st.timedeltas(timedelta(), timedelta(days=400))))]
    after = reckon(unit, pushed_at, span, calendar=CALENDAR, pauses=more).due_at
    assert after >= due_at
    if begins >= due_at:
        assert after == due_at


@settings(max_examples=300)
@given(a_clock())
def test_reckoned_at_once_or_pause_by_pause_it_is_the_same(clock):
    """As cases do it: what is left when a pause begins runs on from its end."""
    unit, pushed_at, span, stood = clock
    due_at = run(unit, pushed_at, span, calendar=CALENDAR)
    for begins, ends in ((max(begins, pushed_at), ends) for begins, ends in stood if ends > pushed_at):
        if remains := left(unit, begins, due_at, calendar=CALENDAR):
            due_at = run(unit, ends, remains, calendar=CALENDAR)
    assert reckon(unit, pushed_at, span, calendar=CALENDAR, pauses=stood).due_at == due_at


@given(SPANS, SPANS, UNITS, MOMENTS)
def test_an_extension_added_to_the_deadline_is_as_good_as_a_longer_limit(span, more, unit, pushed_at):
    extended = run(unit, run(unit, pushed_at, span, calendar=CALENDAR), more, calendar=CALENDAR)
    assert extended == run(unit, pushed_at, span + more, calendar=CALENDAR)
