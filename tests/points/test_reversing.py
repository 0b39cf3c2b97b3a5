"""What was given is taken back by counter-entries, once, wherever the points are by then."""

from datetime import timedelta

import pytest

from incident_service import points
from incident_service.foundation import clock
from incident_service.foundation.words import both
from incident_service.points import HeldBecause, Reason
from tests.factories import an_account
from tests.points.scenes import reverse, settings, thank

HELD = [HeldBecause("pair", both("同一对", "the same pair"))]


@pytest.fixture
def resident(app):
    return an_account()


def test_everything_under_a_reference_is_taken_back_once(resident):
    manager = an_account()
    thank(resident)
    thank(manager, reason=Reason.GRID_MANAGEMENT)
    thank(resident, "20261120-BBBBBBBB/1")
    assert [reverse(), reverse()] == [2, 0]
    assert (points.of(resident.id), points.of(manager.id)) == ((10, 0), (0, 0))
    assert points.given_for(resident.id, ["20261120-AAAAAAAA/1", "20261120-BBBBBBBB/1"]) == {"20261120-BBBBBBBB/1": 10}
    assert points.reconcile().faults == []


def test_a_counter_entry_says_why_and_of_which_case(resident, phone_of):
    thank(resident)
    reverse()
    line = phone_of(resident).get("/me/points/entries").json["items"][0]
    assert (line["amount"], line["reason"], line["case_number"]) == (-10, "reopened", "20261120-AAAAAAAA")
    assert line["explanation"] == "消防通道占用 · 首报 · 冲正：案卷重开 · -10"


def test_what_is_held_is_not_waited_for_any_more(resident, phone_of):
    thank(resident, held_because=HELD)
    assert points.of(resident.id) == (0, 10)
    reverse()
    assert points.of(resident.id) == (0, 0)
    assert phone_of(resident).get("/me/points/holds").json["items"][0]["decision"] == "refused"


def test_a_new_round_is_thanked_again(resident):
    thank(resident)
    reverse()
    assert thank(resident) == 0
    assert thank(resident, "20261120-AAAAAAAA/2") == 1
    assert points.of(resident.id) == (10, 0)


def test_points_settle_by_themselves_after_the_objection_period(app, resident):
    now = clock.now()
    with settings(app, POINTS_OBJECTION_DAYS=3):
        thank(resident)
    assert points.of(resident.id) == (0, 10)
    with clock.stopped(now + timedelta(days=2, hours=23)):
        assert points.of(resident.id) == (0, 10)
    with clock.stopped(now + timedelta(days=3, minutes=1)):
        assert points.of(resident.id) == (10, 0)


@pytest.mark.parametrize(("after", "between"), [(timedelta(days=1), (0, 0)), (timedelta(days=4), (0, 0))])
def test_what_is_taken_back_is_in_neither_balance(app, resident, after, between):
    now = clock.now()
    with settings(app, POINTS_OBJECTION_DAYS=3):
        thank(resident)
        with clock.stopped(now + after):
            reverse()
            assert points.of(resident.id) == between
        with clock.stopped(now + timedelta(days=9)):
            assert points.of(resident.id) == (0, 0)
    assert points.reconcile().faults == []
