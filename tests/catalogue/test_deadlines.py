"""Deadlines, for every moment and every limit."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.base import Base
from incident_service.catalogue import FilingCondition, Unit
from incident_service.catalogue.calendar_table import read_calendar
from incident_service.catalogue.deadlines import rectify_due_at
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
