"""A fund gives what it has and never more; what it has not got is held."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from incident_service import points
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.points import ledger, past
from incident_service.points.budgets import BudgetSpent, left_in
from incident_service.points.fund_models import FundSlice
from incident_service.points.funds import purse_of_fund
from tests.factories import an_account
from tests.points.scenes import COMMUNITY, a_fund, reverse, thank

EVENING = datetime(2026, 12, 31, 12, tzinfo=UTC)        # of the year's last day in China


def left() -> int:
    """What the community's fund of this year has left."""
    return left_in(purse_of_fund(COMMUNITY, points.this_year()).id)


def test_what_would_overdraw_the_fund_is_held(app, phone_of):
    a_fund(25)
    people = [an_account() for _ in range(3)]
    assert [thank(each) for each in people] == [1, 1, 0]
    assert (left(), points.of(people[2].id)) == (5, (0, 10))
    held, = phone_of(an_account(Role.SUPERVISOR, "3601")).get("/points/holds").json["items"]
    assert held["because"][0]["code"] == "fund_exhausted"


def test_held_points_are_released_once_the_fund_has_them(app, phone_of):
    a_fund(5)
    thank(somebody := an_account())
    supervisor = phone_of(an_account(Role.SUPERVISOR, "3601"))
    hold = supervisor.get("/points/holds").json["items"][0]["id"]
    assert supervisor.post(f"/points/holds/{hold}/release").json["type"] == "/problems/points-fund-exhausted"
    a_fund(50)
    assert supervisor.post(f"/points/holds/{hold}/release").status_code == 200
    assert (left(), points.of(somebody.id)) == (40, (10, 0))


def test_a_community_without_a_fund_gives_and_a_later_fund_counts_it(app):
    thank(an_account())
    with pytest.raises(BudgetSpent):
        a_fund(9)
    a_fund(30)
    assert left() == 20
    assert points.reconcile().faults == []


def test_a_year_without_a_budget_gives_nothing_once_there_are_funds(app):
    a_fund(100, year=points.this_year() - 1)
    assert thank(an_account()) == 0


def test_whoever_waits_for_an_account_into_the_new_year_is_given_out_of_its_fund(app, monkeypatch):
    with ExitStack() as night:
        night.enter_context(clock.stopped(EVENING))
        a_fund(5)
        a_fund(50, year=points.this_year() + 1)

        def waited_for(purses, ask):
            found = ledger.lock_and_ask(purses, ask)
            night.enter_context(clock.stopped(EVENING + timedelta(hours=8)))
            return found

        monkeypatch.setattr(past, "lock_and_ask", waited_for)
        assert thank(an_account()) == 1
        assert left() == 40


def test_a_budget_is_raised_and_lowered_by_entries(app):
    a_fund(100)
    thank(an_account())
    a_fund(200)
    a_fund(200)
    assert left() == 190
    with pytest.raises(BudgetSpent):
        a_fund(9)
    a_fund(10)
    assert left() == 0
    assert points.reconcile().faults == []


def test_what_is_taken_back_is_in_the_fund_again(app):
    a_fund(10)
    thank(an_account())
    reverse()
    assert left() == 10
    assert thank(an_account(), "other/1") == 1


def test_the_table_refuses_a_slice_below_nothing(app):
    a_fund(10)
    with pytest.raises(IntegrityError), transaction():
        db.session.query(FundSlice).update({"points": -1})


def test_many_who_give_at_once_never_overdraw_a_fund_nor_stop_early(app):
    a_fund(100)
    people = [an_account().id for _ in range(16)]
    db.session.rollback()

    def give(person):
        with app.app_context():
            return thank(person)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(give, people))
    assert (sum(given), left()) == (10, 0)
    assert points.reconcile().faults == []


def test_a_first_budget_and_awards_at_once_agree(app):
    people = [an_account().id for _ in range(8)]
    db.session.rollback()

    def give_or_set(person):
        with app.app_context():
            return thank(person) if person else a_fund(1000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give_or_set, [*people[:4], None, *people[4:]]))
    assert left() == 920
    assert points.reconcile().faults == []
