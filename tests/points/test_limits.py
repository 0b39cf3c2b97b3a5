"""Caps by day and month and decay by place, as the shipped tariff has them."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from incident_service import points
from incident_service.foundation import clock
from incident_service.foundation.words import both
from incident_service.points import HeldBecause, Reason, ledger, past
from tests.factories import an_account
from tests.points.scenes import reverse, settings, thank

NOON = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def limited(app):
    with settings(app, POINTS_ARE_LIMITED=True), clock.stopped(NOON):
        yield


@pytest.fixture
def resident(app):
    return an_account()


def gained(person, reference, **more) -> int:
    """What one more thanks brings."""
    before = points.of(person.id).balance
    thank(person, reference, **more)
    return points.of(person.id).balance - before


def test_a_day_has_its_cap_and_the_next_day_another(resident):
    assert [gained(resident, f"a/{n}") for n in range(6)] == [10, 10, 10, 10, 10, 0]
    with clock.stopped(NOON + timedelta(days=1)):
        assert gained(resident, "b/1") == 10


def test_whoever_waits_for_an_account_over_midnight_earns_on_the_new_day(resident, monkeypatch):
    for n in range(5):
        thank(resident, f"a/{n}")
    with ExitStack() as night:
        def waited_for(purses, ask):
            found = ledger.lock_and_ask(purses, ask)
            night.enter_context(clock.stopped(NOON + timedelta(days=1)))
            return found

        monkeypatch.setattr(past, "lock_and_ask", waited_for)
        assert gained(resident, "b/1") == 10


def test_the_last_points_under_a_cap_are_given_and_explained(resident, phone_of):
    for n in range(9):
        thank(resident, f"a/{n}", category="suggestion")
    thank(resident, "b/1")
    line = phone_of(resident).get("/me/points/entries").json["items"]
    words = {each["explanation"] for each in line}
    assert "消防通道占用 · 首报 · 达到每日上限 50 分 · +5" in words


def test_what_a_cap_refuses_is_listed_with_its_rule(resident, phone_of):
    for n in range(6):
        thank(resident, f"20261110-AAAAAAA{n}/1")
    refused, = phone_of(resident).get("/me/points/holds").json["items"]
    assert (refused["decision"], refused["case_number"]) == ("refused", "20261110-AAAAAAA5")
    assert refused["explanation"].endswith("达到每日上限 50 分")
    assert points.withheld(["20261110-AAAAAAA5/1"])["20261110-AAAAAAA5/1"] == {("first_report", resident.id)}


def test_a_month_has_its_cap(resident):
    total = 0
    for day in range(8):
        with clock.stopped(NOON + timedelta(days=day)):
            total += sum(gained(resident, f"{day}/{n}") for n in range(5))
    assert total == 300
    with clock.stopped(NOON + timedelta(days=30)):
        assert gained(resident, "next/1") == 10


def test_the_same_place_is_worth_less_each_time(resident):
    assert [gained(resident, f"a/{n}", place="here") for n in range(4)] == [10, 5, 2, 0]
    assert gained(resident, "b/1", place="there") == 10
    assert gained(an_account(), "c/1", place="here") == 10


def test_what_was_taken_back_does_not_count(resident):
    for n in range(5):
        thank(resident, f"a/{n}")
    reverse("a/1")
    assert gained(resident, "b/1") == 10


def test_what_is_held_counts_as_long_as_it_waits(resident):
    """Else as much as one likes could be held, and released beyond every cap."""
    held = [HeldBecause("pair", both("同一对", "the same pair"))]
    for n in range(5):
        thank(resident, f"a/{n}", held_because=held, place="here" if n == 0 else None)
    assert gained(resident, "b/1") == 0
    reverse("a/0")
    assert gained(resident, "b/2", place="here") == 10
    assert points.withheld(["b/1"])["b/1"] == {("first_report", resident.id)}


def test_a_grid_manager_s_cap_is_their_own(resident):
    given = [gained(resident, f"a/{n}", reason=Reason.GRID_MANAGEMENT) for n in range(11)]
    assert given == [5] * 10 + [0]
    assert gained(resident, "b/1") == 10
