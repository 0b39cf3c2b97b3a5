"""What a supervisor is told of a period."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incident_service.foundation import clock
from incident_service.foundation.transaction import transaction
from incident_service.supervision import GroupBy, Period, period, response_times
from tests.factories import an_account
from tests.supervision.past import (
    GRID,
    MORNING,
    NOVEMBER,
    OTHER_GRID,
    THAT_DAY,
    a_month_of_cases,
    a_past_case,
    a_supervisor,
    expected,
    given,
    times,
    told,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_the_story_in_figures(app):
    a_past_case(pushed=3, accepted=60, rectified=600, closed=900, due=7200)
    found = response_times(by=a_supervisor("3601"), period=THAT_DAY)
    assert found.items == []
    assert (found.total.cases, found.total.closed, found.total.within_limit) == (1, 1, 1)
    assert [each.p50 for each in found.total[4:]] == [3.0, 60.0, 600.0, 900.0]


def area(digits):
    return lambda case: case.area_code[:digits] if case.area_code and len(case.area_code) >= digits else None


KEYS = {
    GroupBy.GRID: area(15), GroupBy.COMMUNITY: area(12), GroupBy.STREET: area(9), GroupBy.DISTRICT: area(6),
    GroupBy.BEAT: lambda case: case.beat_code,
    GroupBy.CATEGORY: lambda case: case.category,
    GroupBy.DAY: lambda case: case.opened_at.astimezone(SHANGHAI).date().isoformat(),
    GroupBy.HOUR: lambda case: f"{case.opened_at.astimezone(SHANGHAI).hour:02}",
}


def test_every_group_and_the_total_are_what_numpy_says_of_their_cases(app):
    within = a_month_of_cases(250, seed=7)                  # those in no area at all are the city's
    by = a_supervisor("3601")
    for group_by, key in KEYS.items():
        found = response_times(by=by, period=NOVEMBER, group_by=group_by)
        assert told(found.total) == expected(within)
        assert {item.key for item in found.items} == {key(case) for case in within}
        for item in found.items:
            assert told(item.figures) == expected(case for case in within if key(case) == item.key), item.key


def test_groups_stand_in_the_order_of_their_keys_those_without_one_last(app):
    for grid in (OTHER_GRID, "360111001", GRID):
        a_past_case(area=grid)
    found = response_times(by=a_supervisor("3601"), period=THAT_DAY, group_by=GroupBy.GRID)
    assert [item.key for item in found.items] == [GRID, OTHER_GRID, None]


def test_any_split_of_a_period_adds_up(app):
    a_month_of_cases(60, seed=11)
    by = a_supervisor("3601")
    whole = response_times(by=by, period=NOVEMBER).total
    cut = NOVEMBER.since + timedelta(days=9, hours=5, microseconds=1)
    parts = [response_times(by=by, period=Period(*each)).total
             for each in ((NOVEMBER.since, cut), (cut, NOVEMBER.until))]
    assert all(part.cases for part in parts)
    assert [sum(column) for column in zip(parts[0][:4], parts[1][:4], strict=True)] == list(whole[:4])


def test_a_case_counts_from_the_first_moment_of_the_period_to_before_its_end(app):
    for opened in (THAT_DAY.since - timedelta(microseconds=1), THAT_DAY.since,
                   THAT_DAY.until - timedelta(microseconds=1), THAT_DAY.until):
        a_past_case(opened=opened)
    found = response_times(by=a_supervisor("3601"), period=THAT_DAY, group_by=GroupBy.DAY)
    assert [(item.key, item.figures.cases) for item in found.items] == [("2026-11-10", 2)]


def test_days_begin_at_midnight_of_the_installation(app):
    midnight = datetime(2026, 11, 9, 16, tzinfo=UTC)
    a_past_case(opened=midnight - timedelta(microseconds=1))
    a_past_case(opened=midnight)
    by = a_supervisor("3601")
    days = response_times(by=by, period=NOVEMBER, group_by=GroupBy.DAY).items
    hours = response_times(by=by, period=NOVEMBER, group_by=GroupBy.HOUR).items
    assert [(item.key, item.name) for item in days] == [("2026-11-09",) * 2, ("2026-11-10",) * 2]
    assert [(item.key, item.name) for item in hours] == [("00", "00:00–00:59"), ("23", "23:00–23:59")]


@pytest.mark.parametrize(("zone", "moments", "hours"), [
    ("America/New_York", ("2026-11-01T04:00Z", "2026-11-01T05:30Z", "2026-11-01T06:30Z"), ["00", "01"]),
    ("America/New_York", ("2026-03-08T06:59:59Z", "2026-03-08T07:00Z"), ["01", "03"]),
    ("Asia/Kolkata", ("2026-10-31T20:00Z", "2026-11-01T18:29:59Z"), ["01", "23"]),
])
def test_a_clock_change_loses_and_doubles_no_case(app, monkeypatch, zone, moments, hours):
    monkeypatch.setitem(app.config, "TIME_ZONE", zone)
    for moment in moments:
        a_past_case(opened=datetime.fromisoformat(moment))
    by, year = a_supervisor("3601"), Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    days = response_times(by=by, period=year, group_by=GroupBy.DAY).items
    assert [(item.key, item.figures.cases) for item in days] == [(moments[-1][:10], len(moments))]
    assert [item.key for item in response_times(by=by, period=year, group_by=GroupBy.HOUR).items] == hours


def test_an_empty_period_has_no_groups_and_no_times(app):
    a_past_case(pushed=1)
    empty = Period(MORNING - timedelta(days=2), MORNING - timedelta(days=1))
    by = a_supervisor("3601")
    for group_by in (None, *GroupBy):
        found = response_times(by=by, period=empty, group_by=group_by)
        assert found.items == []
        assert told(found.total) == expected([])


def test_a_closing_is_in_the_next_answer(app):
    case = a_past_case(pushed=1, accepted=2, rectified=3)
    by = a_supervisor("3601")
    assert response_times(by=by, period=THAT_DAY).total.closed == 0
    with transaction():
        case.closed_at = case.pushed_at + timedelta(seconds=40)
    assert response_times(by=by, period=THAT_DAY).total.to_close.p50 == 40.0


def test_each_responder_is_timed_by_their_own_clocks(app):
    officer, manager = an_account(name="交警甲"), an_account(name="网格员甲")
    case = a_past_case(pushed=2, accepted=30, rectified=600, closed=900, due=700)
    given(case, officer.id, accepted=30, rectified=600)
    given(case, manager.id, part="assist", accepted=45)
    found = response_times(by=a_supervisor("3601"), period=THAT_DAY, group_by=GroupBy.RESPONDER)
    by_name = {item.name: item.figures for item in found.items}
    assert [each.p50 for each in by_name["交警甲"][4:]] == [2.0, 30.0, 600.0, 900.0]
    assert [each.p50 for each in by_name["网格员甲"][4:]] == [2.0, 45.0, None, 900.0]
    assert (by_name["交警甲"].within_limit, by_name["网格员甲"].within_limit) == (1, 0)
    assert (found.total.cases, found.total.within_limit) == (1, 1)


def test_rework_does_not_restart_a_responders_clock(app):
    officer = an_account()
    case = a_past_case(pushed=10, accepted=5, rectified=100, due=200)
    given(case, officer.id, accepted=5, rectified=100)
    given(case, officer.id, round=2, after=1000, accepted=1, rectified=2)
    item, = response_times(by=a_supervisor("3601"), period=THAT_DAY, group_by=GroupBy.RESPONDER).items
    assert (item.key, item.figures.cases) == (str(officer.id), 1)
    assert [each.mean for each in item.figures[4:7]] == [10.0, 5.0, 100.0]


def test_what_nobody_was_given_stands_beside_the_responders(app):
    officer = an_account(name="交警甲")
    given(a_past_case(pushed=1), officer.id)
    waiting = [a_past_case(area="360111001"), a_past_case(closed=50, due=60)]
    found = response_times(by=a_supervisor("3601"), period=THAT_DAY, group_by=GroupBy.RESPONDER)
    assert [item.key for item in found.items] == [str(officer.id), None]
    assert told(found.items[1].figures) == expected(waiting)
    assert found.total.cases == sum(item.figures.cases for item in found.items)


def test_a_streets_supervisor_sees_the_street_only(app):
    officer = an_account()
    own, foreign = a_past_case(area=GRID, pushed=1), a_past_case(area=OTHER_GRID, pushed=100)
    for case in (own, foreign):
        given(case, officer.id)
    by = a_supervisor(GRID[:9])
    for group_by in (None, *GroupBy):
        found = response_times(by=by, period=THAT_DAY, group_by=group_by)
        assert told(found.total) == expected([own])
        assert [item.figures for item in found.items] == ([found.total] if group_by else [])


def test_two_areas_that_overlap_count_a_case_once(app):
    a_past_case(area=GRID), a_past_case(area=OTHER_GRID)
    assert response_times(by=a_supervisor("360111", GRID[:9], GRID), period=THAT_DAY).total.cases == 2


def test_a_beats_supervisor_sees_exactly_the_beat(app):
    a_past_case(beat="360111J01"), a_past_case(beat="360111J012"), a_past_case(beat=None)
    assert response_times(by=a_supervisor("360111J01"), period=THAT_DAY).total.cases == 1


def test_many_cases_are_read_in_pieces(app, monkeypatch):
    monkeypatch.setattr("incident_service.supervision.reading.ROWS_AT_ONCE", 3)
    made = [a_past_case(pushed=float(seconds), category=("a", "b")[seconds % 2]) for seconds in range(10)]
    found = response_times(by=a_supervisor("3601"), period=THAT_DAY, group_by=GroupBy.CATEGORY)
    assert found.total.to_dispatch._asdict() == pytest.approx(times(range(10)))
    assert [told(item.figures) for item in found.items] == [expected(made[0::2]), expected(made[1::2])]


def test_unless_said_the_last_thirty_days_count(app):
    with clock.stopped(MORNING):
        assert period() == (MORNING - timedelta(days=30), MORNING)
        assert period(MORNING - timedelta(days=90)) == (MORNING - timedelta(days=90), MORNING)
        assert period(until=MORNING - timedelta(days=1)) == (MORNING - timedelta(days=31), MORNING - timedelta(days=1))
