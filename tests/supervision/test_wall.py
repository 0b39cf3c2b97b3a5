"""What a clock on the wall showed: the same, reckoned for many moments at once, as for each by itself."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_service.supervision.grouping import hours_of, weekdays_of
from incident_service.supervision.periods import by_day, on_the_wall

ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
CHANGE = datetime(2025, 11, 2, 6, tzinfo=UTC)           # New York puts its clocks back
EPOCH, YEAR = datetime(1970, 1, 1, tzinfo=UTC), timedelta(days=365)
MOMENTS = st.lists(st.one_of(
    st.timedeltas(3 * YEAR, 67 * YEAR).map(lambda after: EPOCH + after),
    st.timedeltas(-timedelta(hours=3), timedelta(hours=3)).map(lambda by: CHANGE + by)), max_size=20)


def column(moments: list[datetime]) -> np.ndarray:
    return np.array([moment.replace(tzinfo=None) for moment in moments], dtype="datetime64[us]")


@settings(max_examples=80, deadline=None)
@given(moments=MOMENTS, zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_many_moments_show_what_each_shows(moments, zone):
    there = [moment.astimezone(zone).replace(tzinfo=None) for moment in moments]
    local = on_the_wall(column(moments), zone)
    assert local.tolist() == there
    assert hours_of(local).tolist() == [moment.hour for moment in there]
    assert weekdays_of(local).tolist() == [moment.weekday() for moment in there]


@settings(max_examples=50, deadline=None)
@given(moments=st.lists(st.timedeltas(-20 * YEAR, 80 * YEAR).map(lambda after: EPOCH + after), max_size=20))
def test_every_moment_is_on_its_day_and_every_day_has_one(moments):
    days, places = by_day(column(moments))
    assert days[places].tolist() == [moment.date() for moment in moments]
    assert days.tolist() == sorted({moment.date() for moment in moments})


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_that_crosses_every_change_of_its_clocks(zone):
    moments = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=37 * step) for step in range(365 * 39)]
    assert on_the_wall(column(moments), ZoneInfo(zone)).tolist() == [
        moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]
