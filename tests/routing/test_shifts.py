"""When shifts run: by weekday and local time, also across midnight."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from incident_service.routing.shifts import EVERY_DAY, Shift

SHANGHAI = ZoneInfo("Asia/Shanghai")
FROM = date(2026, 11, 2)                                    # a Monday
DAY = Shift(EVERY_DAY, 8 * 60, 18 * 60, FROM)
NIGHT = Shift(EVERY_DAY, 18 * 60, 8 * 60, FROM)
FRIDAY_NIGHT = Shift(1 << 4, 22 * 60, 6 * 60, FROM, date(2026, 11, 13))
ALWAYS = Shift(EVERY_DAY, 0, 0, FROM)


@pytest.mark.parametrize(("shift", "at", "runs"), [
    (DAY, "2026-11-03T08:00", True), (DAY, "2026-11-03T17:59", True),
    (DAY, "2026-11-03T18:00", False), (DAY, "2026-11-03T07:59", False),
    (NIGHT, "2026-11-03T18:00", True), (NIGHT, "2026-11-04T00:00", True),
    (NIGHT, "2026-11-04T07:59", True), (NIGHT, "2026-11-04T08:00", False),
    (NIGHT, "2026-11-02T07:00", False),                     # the night before its first day
    (FRIDAY_NIGHT, "2026-11-06T23:00", True), (FRIDAY_NIGHT, "2026-11-07T05:59", True),
    (FRIDAY_NIGHT, "2026-11-07T23:00", False), (FRIDAY_NIGHT, "2026-11-08T05:00", False),
    (FRIDAY_NIGHT, "2026-11-14T05:00", True),               # the night that began on its last day
    (FRIDAY_NIGHT, "2026-11-20T23:00", False),
    (ALWAYS, "2026-11-02T00:00", True), (ALWAYS, "2026-11-01T23:59", False), (ALWAYS, "2030-01-01T12:00", True),
])
def test_a_shift_runs_from_its_beginning_to_before_its_end(shift, at, runs):
    assert shift.runs_at(datetime.fromisoformat(f"{at}+08:00"), SHANGHAI) is runs


def test_day_and_night_shift_meet_without_a_minute_between_them():
    moments = [datetime.fromisoformat(f"2026-11-04T{minute // 60:02}:{minute % 60:02}+08:00") for minute in range(1440)]
    assert all(DAY.runs_at(each, SHANGHAI) != NIGHT.runs_at(each, SHANGHAI) for each in moments)


def test_a_shift_says_when_it_runs_in_utc():
    assert [(begins.isoformat(), ends.isoformat()) for begins, ends in FRIDAY_NIGHT.runs(
        date(2026, 11, 1), date(2026, 11, 30), SHANGHAI)] == [
        ("2026-11-06T14:00:00+00:00", "2026-11-06T22:00:00+00:00"),
        ("2026-11-13T14:00:00+00:00", "2026-11-13T22:00:00+00:00")]
