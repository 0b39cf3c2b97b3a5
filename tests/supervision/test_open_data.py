"""What is published says nothing of anybody, and nothing of one street to who knows another's figures."""

from datetime import UTC, datetime
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_service.foundation import clock
from incident_service.supervision.open_data import PARTS, Counts, Monthly, publishable
from tests.supervision.past import GRID, MORNING, a_past_case
from tests.supervision.test_out import read

OPEN_DATA = "/api/v1/supervision/open-data.csv"
LEAST = 10


@pytest.fixture
def after_november(app):
    app.extensions.pop("open_data", None)
    with clock.stopped(datetime(2026, 12, 5, tzinfo=UTC)):
        yield
    app.extensions.pop("open_data", None)


def some_cases(count: int, *, street: str, **clocks) -> None:
    """So many in one street, all alike."""
    for _ in range(count):
        a_past_case(area=f"{street}001001", **clocks)


def test_open_data_needs_no_sign_in_and_leaves_few_out(client, after_november):
    for district, each in (("360111", 11), ("360112", 10), ("360113", 1)):
        for street in (1, 2, 3, 4):
            some_cases(each, street=f"{district}00{street}", closed=7200)
    a_past_case(area=GRID, opened=datetime(2026, 12, 4, tzinfo=UTC))        # the month has not ended
    header, *lines = read(client.get(OPEN_DATA))
    assert not {"number", "address", "longitude", "responder"} & set(header)
    assert [(line[0], line[1], line[5], line[8]) for line in lines] == [
        ("2026-11", "360111", "44", "2.0"), ("2026-11", "360112", "", ""), ("2026-11", "360113", "", "")]


@pytest.mark.parametrize(("streets", "cases"), [
    ([40], ""), ([40, 40], ""), ([40, 40, 40], ""), ([40, 10, 10, 9], ""), ([40, 10, 10, 10], "70"),
    ([40, 40, 40, 4, 4], ""), ([40, 40, 40, 5, 5], "130")])
def test_open_data_leave_out_what_would_tell_one_street_of_another(client, after_november, streets, cases):
    for at, count in enumerate(streets, 1):
        some_cases(count, street=f"36011100{at}")
    _, line = read(client.get(OPEN_DATA))
    assert line[5] == cases


@pytest.mark.parametrize(("closed", "told"), [
    ((0, 0, 0, 0), ""), ((20, 20, 20, 20), ""), ((10, 10, 10, 9), ""), ((10, 10, 10, 10), "40"),
    ((10, 10, 11, 11), ""), ((0, 0, 10, 20), "")])
def test_how_many_are_closed_is_not_told_of_none_of_all_nor_of_few(client, after_november, closed, told):
    for at, count in enumerate(closed, 1):
        some_cases(count, street=f"36011100{at}", closed=60)
        some_cases(20 - count, street=f"36011100{at}")
    _, line = read(client.get(OPEN_DATA))
    assert line[5:8] == ["80", told, ""]                        # and of cases without a deadline none is in time


def test_open_data_is_made_once_a_day(client, after_november):
    first = client.get(OPEN_DATA).data
    a_past_case(opened=MORNING)
    assert client.get(OPEN_DATA).data == first
    with clock.stopped(datetime(2026, 12, 6, tzinfo=UTC)):
        assert client.get(OPEN_DATA).data != first


def counts_of(cases: int, closed: int, within: int) -> Counts:
    return Counts(cases, min(closed, cases), min(within, cases), min(closed, cases))


def month_of(district: str, category: str, streets: list[Counts], elsewhere: Counts) -> Monthly:
    in_all = Counts(*(sum(column) for column in zip(*streets, elsewhere, strict=True)))
    return Monthly("2026-11", district, category, in_all, streets)


numbers = st.one_of(st.integers(0, 5), st.integers(0, 60))
street = st.builds(counts_of, numbers, numbers, numbers)
cells = st.lists(
    st.builds(month_of, st.sampled_from("abcd"), st.sampled_from("wxyz"), st.lists(street, max_size=5), street),
    max_size=16, unique_by=lambda cell: cell[1:3])


@settings(max_examples=300, deadline=None)
@given(cells)
def test_no_street_learns_of_another_and_no_sum_gives_away_what_is_hidden(some):
    told = publishable(some, least=LEAST)
    for name, parts in PARTS.items():
        hidden = [at for at, _ in enumerate(some) if name not in told[at]]
        for at, cell in enumerate(some):
            for part in parts if at not in hidden else ():
                for known in combinations(cell.streets, 3):     # two of one's own, and the one that might be inferred
                    assert part(cell.counts) - sum(map(part, known)) >= LEAST
        assert_nothing_follows(some, hidden, parts)
    assert all("cases" in each for each in told if each)


def test_two_hidden_ones_in_each_line_are_not_enough():
    """Between two squares of hidden cells a ninth one follows: from the sums of one side of it."""
    small = {*product("ab", "wx"), *product("cd", "yz"), ("b", "y")}
    some = [month_of(*key, [], Counts(9 if key in small else 90, 0, 0, 0)) for key in product("abcd", "wxyz")]
    told = publishable(some, least=LEAST)
    hidden = [at for at, _ in enumerate(some) if not told[at]]
    assert len(hidden) == len(small) + 1
    assert_nothing_follows(some, hidden, PARTS["cases"])


def assert_nothing_follows(some: list[Monthly], hidden: list[int], parts) -> None:
    """Who knows the sums of all districts and categories in which something is told."""
    equations = []
    for field in (1, 2):
        for key in {cell[field] for cell in some}:
            line = [at for at, cell in enumerate(some) if cell[field] == key]
            untold = [at for at in line if at in hidden]
            if untold and len(untold) < len(line):
                equations.append([float(at in untold) for at in hidden])
                assert all(sum(part(some[at].counts) for at in untold) >= LEAST for part in parts)
    rank = np.linalg.matrix_rank(equations) if equations else 0
    for one in np.eye(len(hidden)) if equations else ():
        assert np.linalg.matrix_rank([*equations, one]) > rank
