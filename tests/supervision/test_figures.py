"""Figures are what a person would count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_service.supervision.facts import ID, Facts, Labels
from incident_service.supervision.figures import (
    ROWS_FOR_TWO,
    Clocks,
    Times,
    figures,
    figures_of_groups,
    figures_of_groups_and_all,
)
from incident_service.supervision.grouping import GroupBy, groups

NEVER = None
PUSHED, ACCEPTED, RECTIFIED, CLOSED, DUE, DONE = range(1, 7)


def clocks(*rows):
    """Clocks from rows of seven moments, in seconds after an hour in November."""
    start = np.datetime64("2026-11-10T01:00:00", "us")
    moments = [[np.datetime64("NaT") if each is None else start + np.timedelta64(round(each * 1e6), "us")
                for each in row] for row in rows]
    return Clocks(*np.array(moments, dtype="datetime64[us]").reshape(len(rows), 7).T)


def test_the_clock_of_a_responder_starts_at_the_push():
    found = figures(clocks((0, 5, 65, 605, 905, 7205, 605)))
    assert [span.p50 for span in found[4:]] == [5.0, 60.0, 600.0, 900.0]


def test_percentiles_interpolate_linearly():
    found = figures(clocks(*((0, seconds, *[NEVER] * 5) for seconds in (0, 10, 20, 30))))
    assert found.to_dispatch == Times(p50=15.0, p90=27.0, p95=28.5, mean=15.0, cases=4)


def test_what_has_not_happened_has_no_time_and_is_not_zero():
    found = figures(clocks((0, *[NEVER] * 6)))
    assert found[:4] == (1, 0, 0, 0)
    assert set(found[4:]) == {Times(None, None, None, None, 0)}


def test_no_case_at_all():
    assert figures(clocks()) == (0, 0, 0, 0, *[Times()] * 4)


def test_a_negative_span_is_left_out_and_its_case_counted_once():
    found = figures(clocks((0, -1, 2, 3, -4, NEVER, NEVER), (0, 7, 9, NEVER, NEVER, NEVER, NEVER)))
    assert found.negative_spans == 1                            # pushed before reported, closed before pushed
    assert (found.cases, found.closed) == (2, 1)                # but no case is lost
    assert (found.to_dispatch.mean, found.to_accept.mean, found.to_close.mean) == (7.0, 2.5, None)


def test_a_span_of_nothing_is_a_span():
    assert figures(clocks((0, 0, 0, 0, 0, 0, 0))).to_close == Times(0.0, 0.0, 0.0, 0.0, 1)


@pytest.mark.parametrize(("due", "done", "within"), [
    (100, 99.999999, 1), (100, 100, 1), (100, 100.000001, 0), (NEVER, 50, 0), (100, NEVER, 0), (NEVER, NEVER, 0)])
def test_the_last_moment_of_the_limit_is_within_it(due, done, within):
    assert figures(clocks((0, 0, NEVER, NEVER, NEVER, due, done))).within_limit == within


def test_imported_history_without_a_push_is_timed_from_its_opening_to_its_closing():
    found = figures(clocks((0, NEVER, NEVER, NEVER, 86400, NEVER, 86400)))
    assert found.to_close.p50 == 86400.0
    assert (found.to_dispatch.p50, found.to_accept.p50, found.to_rectify.p50) == (None, None, None)


def test_times_keep_their_microseconds():
    assert figures(clocks((0, 1234.567891, *[NEVER] * 5))).to_dispatch.p95 == 1234.567891


moments = st.one_of(st.none(), st.integers(-10_000, 100_000))
rows = st.tuples(st.sampled_from([None, "fire_lane", "other", "lamp_out"]),
                 st.tuples(st.integers(0, 10**7), *[moments] * 6))


@given(st.lists(rows, max_size=40))
def test_any_split_adds_up(some):
    keys = list(dict.fromkeys(key for key, _ in some))
    places = np.array([keys.index(key) for key, _ in some], dtype=np.intp)
    whole = clocks(*(row for _, row in some))
    found = groups(Facts({"category": Labels(keys, places)}, whole, np.empty(0, ID)), GroupBy.CATEGORY)
    assert sorted(np.concatenate([np.empty(0, int), *(group.rows for group in found)])) == list(range(len(some)))
    assert [group.key for group in found] == sorted(keys, key=lambda key: (key is None, key))
    parts = figures_of_groups(whole, places, len(keys))
    assert parts == [figures(Clocks(*(at[places == code] for at in whole))) for code in range(len(keys))]
    assert figures_of_groups_and_all(whole, places, len(keys)) == (parts, figures(whole))
    assert tuple(map(sum, zip(*(part[:4] for part in parts), strict=True))) == figures(whole)[:4] or not some


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_percentiles_lie_among_the_times_and_rise(spans):
    found = figures(clocks(*((0, span, *[NEVER] * 5) for span in spans))).to_dispatch
    assert min(spans) <= found.p50 <= found.p90 <= found.p95 <= max(spans)


@pytest.mark.parametrize("longest_s", [10, 10**4, 10**8, 2.0**34])         # the last with its group fills no number
def test_groups_sorted_at_once_are_as_numpy_says_of_each(longest_s):
    chance = np.random.default_rng(8)
    codes = chance.choice([0, 1, 3, 4, 5000], 400)                   # nobody is in group 2
    taken = np.round(chance.random(400) * longest_s * 1e6).astype(np.int64)
    start = np.datetime64("2026-11-10T01:00:00", "us")
    never = np.full(400, np.datetime64("NaT"), dtype="datetime64[us]")
    opened = np.full(400, start)
    found = figures_of_groups(Clocks(opened, opened + taken.astype("timedelta64[us]"), *[never] * 5), codes, 5001)
    assert found[2] == (0, 0, 0, 0, *[Times()] * 4)
    for code in (0, 1, 3, 4, 5000):
        here = taken[codes == code] / 1e6
        assert found[code].cases == len(here)
        assert found[code].to_dispatch == pytest.approx(
            (*np.quantile(here, [0.5, 0.9, 0.95]), here.mean(), len(here)), abs=2e-6, rel=1e-12)


def test_many_cases_have_the_times_of_each_step_as_numpy_says():
    chance, count = np.random.default_rng(9), ROWS_FOR_TWO + 1
    codes = chance.integers(0, 24, count)
    opened = np.full(count, np.datetime64("2026-11-10T01:00:00", "us"))
    taken = [chance.integers(0, 10**longest, count) for longest in (7, 8, 9, 10)]
    pushed, *later = (opened + each.astype("timedelta64[us]") for each in taken)
    later = [each + (pushed - opened) for each in later]
    found = figures_of_groups(Clocks(opened, pushed, *later, opened, opened), codes, 24)
    for code in range(24):
        for said, each in zip(found[code][4:], taken, strict=True):
            here = each[codes == code] / 1e6
            assert said == pytest.approx(
                (*np.quantile(here, [0.5, 0.9, 0.95]), here.mean(), len(here)), abs=2e-6, rel=1e-12)
