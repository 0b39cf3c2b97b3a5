"""Every verb of the ledger is killed by kill -9 after each of its statements in turn, and begun again each time.

Between two deaths the books show nothing of it or all of it; when it comes to its end, it was done exactly once.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from incident_service import accounts, points
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import Award, HeldBecause, Occasion, Reason
from incident_service.points.fund_models import Fund, FundSlice
from incident_service.points.models import Hold, PointsAccount, Transfer
from incident_service.points.shop_models import Redemption, Reward
from tests.factories import Phone, an_account
from tests.points.patience import until_nobody_is_at_it
from tests.points.scenes import COMMUNITY, WORDS, a_fund, a_reward, reverse, settings, somebody_with, thank

BOOKS = (PointsAccount, Transfer, Hold, Fund, FundSlice, Reward, Redemption, Promise)
HELD = [HeldBecause("pair", both("同一对", "the same pair"))]
REFERENCE = "20261120-AAAAAAAA/1"
Verb = Callable[[], object]


@pytest.fixture
def city(app) -> Iterator[Any]:
    """An installation in which a key whose owner died may be taken over at once."""
    with settings(app, IDEMPOTENCY_STALE=timedelta(0)):
        a_fund(1000)
        yield app


def books() -> dict[str, list[Any]]:
    """All rows of all tables of the ledger."""
    try:
        return {model.__tablename__: sorted(map(repr, db.session.execute(select(*model.__table__.columns)).all()))
                for model in BOOKS}
    finally:
        db.session.rollback()


def deaths_of(app: Any, verb: Verb) -> int:
    """Begin again and again, each time to die one step later, until the verb comes to its end; how often it died.

    Another time after that it changes nothing more."""
    before, after = books(), None
    for step in count(1):
        code = _in_another_process(app, verb, step)
        if is_postgresql():
            until_nobody_is_at_it()
        now = books()
        assert points.reconcile().faults == []
        if now != before or after is not None:
            after = after or now
            assert now == after, f"half of it was there after the death at step {step - 1} or {step}"
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert after is not None, "it never came to anything"
    verb()
    assert books() == after
    return step - 1


def _in_another_process(app: Any, verb: Verb, step: int) -> int | None:
    db.session.remove()
    process = multiprocessing.get_context("fork").Process(target=_live, args=(app, verb, step))
    process.start()
    process.join()
    return process.exitcode


def _live(app: Any, verb: Verb, steps_left: int) -> None:
    """Do it and die when so many steps were taken: a statement, what comes before a commit, what comes after it."""
    with app.app_context():
        db.engine.dispose(close=False)                  # what was open belongs to the other process

        def step(*_: Any) -> None:
            nonlocal steps_left
            steps_left -= 1
            if steps_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("after_cursor_execute", "commit", "checkin"):
            event.listen(db.engine, name, step)
        verb()
        for name in ("after_cursor_execute", "commit", "checkin"):
            event.remove(db.engine, name, step)
        db.session.remove()
        db.engine.dispose()


@contextmanager
def pending(app: Any) -> Iterator[None]:
    """Points are open to objection first."""
    with settings(app, POINTS_OBJECTION_DAYS=3):
        yield


def left_of(reward: UUID, person: UUID) -> tuple[int, int]:
    """How many are in stock, and what somebody may spend."""
    return db.session.get_one(Reward, reward).stock, points.of(person).balance


def pressed(app: Any, person: UUID, path: str, body: dict[str, Any] | None = None) -> Verb:
    """A button on somebody's phone, which sends the same key however often it is pressed."""
    phone = Phone(app.test_client(), accounts.find(person))

    def press() -> None:
        answer = phone.post(path, body, **{"Idempotency-Key": "once"})
        assert answer.status_code in (200, 201), answer.json

    return press


def test_an_award_that_dies_is_given_once_to_everybody(city):
    first, joined, manager = (an_account(Role.RESIDENT).id for _ in range(3))

    def give() -> None:
        with transaction():
            points.award_all([Award(first, Reason.FIRST_REPORT, WORDS),
                              Award(joined, Reason.JOINED_REPORT, WORDS, HELD),
                              Award(manager, Reason.GRID_MANAGEMENT, WORDS)],
                             Occasion(REFERENCE, "fire_lane", COMMUNITY, place="here"))

    with pending(city):
        assert deaths_of(city, give) >= 7
    assert [points.of(each).pending for each in (first, joined, manager)] == [10, 3, 5]


def test_a_reversal_that_dies_takes_everything_back_once(city):
    first, manager, waiting = (an_account(Role.RESIDENT).id for _ in range(3))
    thank(first)
    thank(manager, reason=Reason.GRID_MANAGEMENT)
    thank(waiting, reason=Reason.JOINED_REPORT, held_because=HELD)
    assert deaths_of(city, reverse) >= 8
    assert [points.of(each) for each in (first, manager, waiting)] == [(0, 0)] * 3


@pytest.mark.parametrize(("button", "body", "left"), [("release", {}, 10), ("refusal", {"note": "作假"}, 0)])
def test_a_decision_that_dies_is_made_once(city, button, body, left):
    person = an_account(Role.RESIDENT).id
    thank(person, held_because=HELD)
    hold = db.session.scalars(select(Hold)).one()
    verb = pressed(city, an_account(Role.SUPERVISOR, "3601").id, f"/points/holds/{hold.id}/{button}", body)
    assert deaths_of(city, verb) >= 8
    assert points.of(person) == (left, 0)


def test_a_purchase_that_dies_is_made_once(city):
    reward, buyer = a_reward(stock=3).id, somebody_with(30).id
    verb = pressed(city, buyer, "/redemptions", {"reward_id": str(reward), "quantity": 2})
    assert deaths_of(city, verb) >= 12
    assert left_of(reward, buyer) == (1, 10)


@pytest.mark.parametrize(("is_handed_over", "left"), [(True, (2, 0)), (False, (3, 10))])
def test_a_purchase_whose_end_dies_ends_once(city, is_handed_over, left):
    reward, buyer = a_reward(stock=3).id, somebody_with(10).id
    bought = Phone(city.test_client(), accounts.find(buyer)).post("/redemptions", {"reward_id": str(reward)}).json
    verb = (pressed(city, an_account(Role.DESK, COMMUNITY).id, f"/redemptions/{bought['code']}/handover")
            if is_handed_over else pressed(city, buyer, f"/me/redemptions/{bought['id']}/cancellation"))
    assert deaths_of(city, verb) >= 8
    assert left_of(reward, buyer) == left


def test_a_reservation_that_nobody_collects_is_given_back_once(city):
    reward, buyer = a_reward(stock=3, collect_days=2).id, somebody_with(10).id
    points.redeem(reward, quantity=1, by=accounts.find(buyer))
    with clock.stopped(clock.now() + timedelta(days=3)):
        assert deaths_of(city, points.end_stale_redemptions) >= 8
    assert left_of(reward, buyer) == (3, 10)


def test_an_expiry_that_dies_is_announced_once_and_happens_once(city):
    person, now = an_account(Role.RESIDENT).id, clock.now()
    a_fund(1000, year=points.this_year() - 2)
    with clock.stopped(now.replace(year=now.year - 2, month=6)):
        thank(person)
    thank(person, "20261120-BBBBBBBB/1")
    assert points.of(person).balance == 20
    with clock.stopped(now - timedelta(days=40)):
        assert deaths_of(city, points.announce_expiry) >= 4
    assert deaths_of(city, points.expire_old) >= 8
    assert points.of(person).balance == 10


def test_a_budget_that_dies_is_set_once(city):
    said = {"area_code": "360102001002", "budget": 500}
    verb = pressed(city, an_account(Role.ADMIN, "3601").id, "/points/funds", said)
    assert deaths_of(city, verb) >= 12
