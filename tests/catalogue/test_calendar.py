"""The working calendar as shipped, and tables of it that must stop the start."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.base import Base
from incident_service.catalogue import BrokenTable
from incident_service.catalogue.calendar_table import read_calendar

SHIPPED = Base.TABLES_DIR / "calendar.toml"
CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = read_calendar(SHIPPED, time_zone="Asia/Shanghai")

WORKED = ["2025-01-26", "2025-02-08", "2025-10-11", "2026-01-04", "2026-02-14", "2026-05-09", "2026-10-10",
          "2026-11-20", "2027-01-04"]
FREE = ["2025-01-01", "2025-01-28", "2025-10-08", "2026-01-03", "2026-02-23", "2026-06-19", "2026-10-07",
        "2026-11-21", "2027-01-02"]


@pytest.mark.parametrize(("day", "works"), [(day, True) for day in WORKED] + [(day, False) for day in FREE])
def test_holidays_are_free_and_make_up_days_are_worked(day, works):
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is works


def test_a_year_has_as_many_working_days_as_were_published():
    """365 days less weekends and holidays, plus make-up days: 248 in 2025 and 248 in 2026."""
    for year in (2025, 2026):
        days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
        assert sum(CALENDAR.is_working_day(day) for day in days) == 248


def test_a_working_day_is_eight_working_hours():
    assert CALENDAR.day_length == timedelta(hours=8)


def test_a_year_that_is_not_published_is_provisional():
    assert not CALENDAR.is_provisional(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert CALENDAR.is_provisional(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))          # midnight in China


@pytest.mark.parametrize(("start", "hours", "due"), [
    ("2026-11-20T09:00", 2, "2026-11-20T11:00"),        # inside a slot
    ("2026-11-20T11:00", 2, "2026-11-20T15:00"),        # over noon
    ("2026-11-20T11:00", 1, "2026-11-20T12:00"),        # a slot's end belongs to it
    ("2026-11-20T12:30", 1, "2026-11-20T15:00"),        # pushed in the break
    ("2026-11-19T17:00", 2, "2026-11-20T09:00"),        # across the night
    ("2026-11-20T17:00", 2, "2026-11-23T09:00"),        # across a weekend
    ("2026-02-13T17:00", 4, "2026-02-14T11:00"),        # a Saturday made up for the Spring Festival
    ("2026-02-14T17:30", 1, "2026-02-24T08:30"),        # across the Spring Festival
    ("2026-09-30T17:30", 8, "2026-10-08T17:30"),        # across National Day
    ("2025-12-31T17:00", 4, "2026-01-04T11:00"),        # across New Year, to a made-up Sunday
    ("2026-12-31T17:00", 2, "2027-01-01T09:00"),        # into a year not published: weekdays
])
def test_working_hours_are_counted_in_the_slots_alone(start, hours, due):
    begun = datetime.fromisoformat(start).replace(tzinfo=CHINA)
    reached = CALENDAR.add(begun, timedelta(hours=hours))
    assert reached.tzinfo is UTC
    assert reached.astimezone(CHINA).isoformat(timespec="minutes") == f"{due}+08:00"


def test_slots_keep_local_time_where_clocks_are_changed():
    berlin = read_calendar(SHIPPED, time_zone="Europe/Berlin")
    begun = datetime(2025, 3, 28, 17, 0, tzinfo=berlin.zone)                          # the Friday before summer time
    assert berlin.add(begun, timedelta(hours=2)) == datetime(2025, 3, 31, 9, 0, tzinfo=berlin.zone)


@pytest.mark.parametrize(("old", "new", "fault"), [
    ("to = 12:00:00", "to = 15:00:00", "The slots must follow one another"),
    ("from = 08:00:00", "from = 13:00:00", "The slots must follow one another"),
    ("from = 08:00:00", 'from = "08:00"', "slot: line 1: from: '08:00' is not a time"),
    ("year = 2026", "year = 2025", "Every day must lie in 2025"),
    ("make_up = [2026-01-04,", "make_up = [2026-01-05,", "2026-01-05 is no day that could be made up on"),
    ("make_up = [2026-01-04,", "make_up = [2026-01-03,", "2026-01-03 is no day that could be made up on"),
    ("to = 2026-10-07", "to = 2026-12-07", "A holiday lasts 1 to 15 days"),
    ("to = 2026-10-07", "to = 2026-09-07", "A holiday lasts 1 to 15 days"),
    ("year = 2026\n", "", "year: Missing data"),
    ("year = 2026\n", "year = 2026\nholliday = 1\n", "holliday: Unknown field"),
    ("[[slot]]", "[[slot]", "calendar.toml"),
])
def test_a_broken_calendar_stops_the_start_and_says_why(tmp_path: Path, old, new, fault):
    table = tmp_path / "calendar.toml"
    table.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BrokenTable, match=r"calendar\.toml: ") as stopped:
        read_calendar(table, time_zone="Asia/Shanghai")
    assert fault in str(stopped.value)


def test_a_missing_table_stops_the_start(tmp_path: Path):
    with pytest.raises(BrokenTable, match=r"calendar\.toml"):
        read_calendar(tmp_path / "calendar.toml", time_zone="Asia/Shanghai")
