"""However long all cases took together, their mean is exact: more than the 292,000 years that 64 bits count."""

import tracemalloc
from datetime import UTC, datetime, timedelta
from importlib import import_module
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from incident_service.cases import Case, Status
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.figures import Figures, figures, figures_of_groups
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from incident_service.supervision.tally import (
    BUCKETS,
    COUNTS,
    STEPS,
    WIDTH,
    Tally,
    figures_of_rows,
    merged,
    tally,
)
from tests.supervision.changing import changed, faults
from tests.supervision.test_daybook import facts_of, labels_of

CITY = Scope(["3601"])
RESPONSE_TIMES = import_module("incident_service.supervision.response_times")
LONG = timedelta(days=190 * 365)
SINCE = datetime(1999, 12, 31, 16, tzinfo=UTC)
PERIOD = Period(SINCE, SINCE + timedelta(days=366))
STREETS = ("360111001", "360111002")


@pytest.fixture
def long_cases(app) -> list[Case]:
    """A few more than it takes, in two streets."""
    chance, rows = Random(4), []
    for _ in range(1_700):
        id, opened = new_id(), SINCE + timedelta(seconds=chance.uniform(0, 300 * 86_400))
        rows.append({
            "id": id, "number": str(id), "status": Status.CLOSED, "category": "other", "condition": "usual",
            "longitude": 115.9, "latitude": 28.7, "address": "", "area_code": chance.choice(STREETS), "round": 1,
            "version": 1, "opened_at": opened, "closed_at": opened + LONG + timedelta(seconds=chance.uniform(0, 5))})
    with transaction():
        db.session.execute(insert(Case), rows)
    return list(db.session.scalars(select(Case)))


def mean_of(cases) -> float:
    """To the microsecond, in whole numbers."""
    taken = [(case.closed_at - case.opened_at) // timedelta(microseconds=1) for case in cases]
    return round(sum(taken) / len(taken)) / 10**6


def test_the_mean_of_a_large_city_is_exact_from_cases_and_from_sums(long_cases, monkeypatch):
    daybook.fold()
    for _ in range(2):                                          # as written, and with what has changed since
        for bound in (10**6, -1):
            monkeypatch.setattr(RESPONSE_TIMES, "EXACT_CASES_MAX", bound)
            found = figures_of(CITY, PERIOD, group_by=GroupBy.STREET)
            db.session.scalars(select(Case)).all()              # at once, instead of each when it is looked at
            assert found.is_exact == (bound > 0)
            assert found.total.to_close.mean == mean_of(long_cases)
            assert {item.key: item.figures.to_close.mean for item in found.items} == {
                street: mean_of(case for case in long_cases if case.area_code == street) for street in STREETS}
        changed(long_cases[0], closed_at=long_cases[0].opened_at)
    daybook.fold()
    assert faults() == []


def test_many_groups_take_no_more_room_than_what_is_in_them():
    """All buckets of each would be gigabytes."""
    keys, spans = [f"{at:05}" for at in range(20_000)], 5
    places = (np.arange(len(keys))[:, None] * STEPS * BUCKETS + np.arange(spans)).ravel()
    numbers = np.zeros((len(keys), WIDTH), dtype=np.int64)
    numbers[:, 0] = numbers[:, COUNTS.start] = spans
    tracemalloc.start()
    try:
        found = figures_of_rows(Tally(keys, numbers, places, np.ones(len(places), dtype=np.int64)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert {each.to_dispatch.p50 for each in found.values()} == {1e-6} and peak < 200 * 2**20


rows = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 6 * 10**15)), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@given(rows, st.integers(1, 3))
def test_sums_beyond_64_bits_add_up_and_can_be_taken_away(some, parts):
    def mean(found: Figures) -> float | None:
        return found.to_dispatch.mean

    pieces = [each for each in (some[part::parts] * 2_000 for part in range(parts)) if each]
    taken = {key: [at for name, at in some if name == key] for key in "ab"}
    truth = {key: round(sum(mine) / len(mine)) / 10**6 for key, mine in taken.items() if mine}
    tallies = [tally(facts_of(each), labels_of(each)) for each in pieces]
    whole = merged([*tallies, tallies[0], tallies[0].negative()])
    assert {key: mean(each) for key, each in figures_of_rows(whole).items()} == truth
    together = [each for piece in pieces for each in piece]
    clocks, codes = facts_of(together).clocks, np.array(["ab".index(key) for key, _ in together])
    found = figures_of_groups(clocks, codes, 2)
    assert {key: mean(each) for key, each in zip("ab", found, strict=True) if each.cases} == truth
    assert mean(figures(clocks)) == round(sum(at for _, at in some) / len(some)) / 10**6
