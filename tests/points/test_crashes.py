"""Many processes earn, take back, spend and expire at random, and are killed between any two statements.

Whatever was committed by then: all accounts together are zero, totals and stock are what the entries say, nobody is
paid twice for one thing, and no stock is sold twice.
"""

import multiprocessing
import os
import secrets
import signal
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, func, select

from incident_service import accounts, points
from incident_service.accounts import Role
from incident_service.app import create_app
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import Problem
from incident_service.points import Reason, Reversal, redemptions
from incident_service.points.codes import code_of
from incident_service.points.models import Transfer, Turn
from incident_service.points.shop_models import Redemption, RedemptionStatus, Reward
from tests.factories import an_account
from tests.points.patience import until_nobody_is_at_it
from tests.points.scenes import COMMUNITY, a_fund, a_reward, reverse, thank
from tests.servers.postgres import create_database

WORKERS, ROUNDS, STEPS_MAX, STATEMENTS_MAX = 4, 5, 40, 120
OCCASIONS, BUDGET = 60, 3000


class Walker:
    """One process that does whatever chance says, until it is killed or has had enough."""

    def __init__(self, chance: Random, people: list[Any], desk: Any, reward: Any) -> None:
        self.chance, self.people, self.desk, self.reward = chance, people, desk, reward
        self.verbs: list[tuple[Callable[[], object], int]] = [
            (self.earn, 8), (self.take_back, 3), (self.spend, 5), (self.cancel, 2), (self.hand_over, 2),
            (self.expire, 2), (self.end_stale, 1)]

    def walk(self, steps: int) -> None:
        verbs, weights = zip(*self.verbs, strict=True)
        for _ in range(steps):
            try:
                self.chance.choices(verbs, weights)[0]()
            except Problem:
                db.session.rollback()

    def earn(self) -> None:
        """Somebody is thanked, for what perhaps they or another process was at already."""
        n = self.chance.randrange(OCCASIONS)
        long_ago = clock.now() - timedelta(days=self.chance.choice([0, 800]))
        with clock.stopped(long_ago):
            thank(self.people[n % len(self.people)], f"case-{n}/1", reason=self.chance.choice(list(Reason)))

    def take_back(self) -> None:
        reverse(f"case-{self.chance.randrange(OCCASIONS)}/1")

    def spend(self) -> None:
        buyer = accounts.find(self.chance.choice(self.people))
        points.redeem(self.reward, quantity=self.chance.randint(1, 2), by=buyer)

    def cancel(self) -> None:
        found = self.some_redemption()
        if found is not None:
            redemptions.cancel(found.id, by=accounts.find(found.person_id))

    def hand_over(self) -> None:
        found = self.some_redemption()
        if found is not None:
            redemptions.hand_over(code_of(found.id), by=accounts.find(self.desk))

    def some_redemption(self) -> Redemption | None:
        some = db.session.scalars(select(Redemption).order_by(Redemption.id).limit(50)).all()
        db.session.rollback()
        return self.chance.choice(some) if some else None

    def expire(self) -> None:
        with clock.stopped(clock.now() - timedelta(days=40)):
            points.announce_expiry()
        points.expire_old()

    def end_stale(self) -> None:
        with clock.stopped(clock.now() + timedelta(days=self.chance.choice([0, 20]))):
            points.end_stale_redemptions(batch=3)


def live(settings: dict[str, Any], seed: int, *whom: Any) -> None:
    """What one process does: it dies by kill -9 at a statement that chance names, if it gets so far."""
    chance = Random(seed)
    app = create_app("testing", **settings)
    with app.app_context():
        left = chance.randrange(STATEMENTS_MAX)

        @event.listens_for(db.engine, "after_cursor_execute")
        def perhaps_die(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        Walker(chance, *whom).walk(STEPS_MAX)


@pytest.fixture
def town(postgres_url, tmp_path):
    """A town on a real PostgreSQL of its own: four people, a fund, a reward."""
    settings = {"SQLALCHEMY_DATABASE_URI": create_database(postgres_url, f"crashes_{secrets.token_hex(4)}"),
                "DATA_DIR": tmp_path, "POINTS_OBJECTION_DAYS": 0}
    app = create_app("testing", **settings)
    with app.app_context():
        db.create_all()
        for year in (points.this_year() - 2, points.this_year() - 1, points.this_year()):
            a_fund(BUDGET, year=year)
        people = [an_account(Role.RESIDENT).id for _ in range(4)]
        desk, reward = an_account(Role.DESK, COMMUNITY).id, a_reward(stock=6).id
        db.session.remove()
        db.engine.dispose()
        yield app, settings, (people, desk, reward)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_killed_the_books_are_right(town, seed):
    app, settings, whom = town
    context, chance, killed = multiprocessing.get_context("fork"), Random(seed), 0
    for _ in range(ROUNDS):
        seeds = [chance.randrange(2**32) for _ in range(WORKERS)]
        workers = [context.Process(target=live, args=(settings, each, *whom)) for each in seeds]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        codes = [each.exitcode for each in workers]
        assert set(codes) <= {0, -signal.SIGKILL}, codes
        killed += codes.count(-signal.SIGKILL)
        nothing_is_wrong(app, whom[2])
    assert killed
    with app.app_context():
        happened = set(db.session.scalars(select(Transfer.reason)))
        assert happened >= {Reason.FIRST_REPORT, Reversal.REOPENED, Turn.REDEMPTION, Turn.RETURN, Turn.EXPIRY}


def nothing_is_wrong(app: Any, reward: Any) -> None:
    """The books, asked anew once the dead processes' transactions are gone."""
    with app.app_context():
        until_nobody_is_at_it()
        assert points.reconcile().faults == []
        paid = select(Transfer.reference, Transfer.reason, Transfer.to_id).where(Transfer.reason.in_(list(Reason)))
        rows = db.session.execute(paid).all()
        assert len(rows) == len(set(rows))
        standing = db.session.scalar(select(func.coalesce(func.sum(Redemption.quantity), 0)).where(
            Redemption.status.in_([RedemptionStatus.RESERVED, RedemptionStatus.HANDED_OVER]))) or 0
        assert (stock := db.session.get_one(Reward, reward).stock) >= 0
        assert stock + standing == 6
        db.session.remove()
