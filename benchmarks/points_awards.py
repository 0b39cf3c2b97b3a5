"""Giving points by several workers at once, out of one fund and out of many, beside plain psycopg.

An award is what a closing does: two people thanked in one transaction, two entries, two totals, one fund. The floor
writes the same rows, is told which, and asks nothing first; each of its workers has a slice of every fund to itself.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from sqlalchemy import func, insert, select
from sqlalchemy.engine import make_url

from benchmarks.installations import databases, folder
from benchmarks.telling import claim, median, table
from incident_service import points
from incident_service.accounts import Account
from incident_service.app import create_app
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import Award, Occasion, Reason
from incident_service.points.funds import purse_of_fund
from incident_service.points.ledger import lock, purse_of
from incident_service.points.models import Transfer

WORKERS, CLOSINGS, PEOPLE, BUDGET = 4, 400, 20_000, 10_000_000
RATIO_MIN = 0.3
WORDS = both("消防通道占用 · 首报", "Fire lane blocked · first report")
PLACE, PENDING = "8b4112a1c0d4fff", timedelta(days=3)
ENTRY = ("INSERT INTO points_transfer (id, from_id, to_id, amount, reason, reference, explanation_zh, explanation_en, "
         "at, settles_at, place, tariff) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")
TOTAL = "UPDATE points_account SET total = total + %s WHERE id = %s"
SLICE = "UPDATE points_fund_slice SET points = points - 15 WHERE fund_id = %s AND number = %s"


def run(repeats: int) -> None:
    """Give, compare, and look whether anything is lost, double or uneven."""
    with folder() as place, databases("PostgreSQL", place, "awards") as urls:
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=urls["awards"], DATA_DIR=place,
                         POINTS_OBJECTION_DAYS=PENDING.days, POINTS_ARE_LIMITED=True)
        with app.app_context():
            funds = _fill()
            people = cycle(db.session.scalars(select(Account.id)).all())        # so many that nobody reaches a cap
            db.session.remove()
            db.engine.dispose()
        rows = []
        for name, some in (("one fund", funds[:1]), ("64 funds", funds)):
            ours, floor = [], []
            for turn in range(repeats):
                floor.append(_rate(_plain, urls["awards"], some, people, f"{name}/floor/{turn}"))
                ours.append(_rate(_award, app, some, people, f"{name}/ours/{turn}"))
            rows.append((name, median(ours), median(floor), median(ours) / median(floor)))
        table(("closings/s", "awards", "plain psycopg", "ratio"), rows)
        for name, _, _, ratio in rows:
            claim(f"{name}: {ratio:.2f} ≥ {RATIO_MIN} × plain psycopg", holds=ratio >= RATIO_MIN)
        with app.app_context():
            given = db.session.scalar(select(func.count(Transfer.id)).where(Transfer.reason.in_(list(Reason)))) or 0
            wanted, faults = 2 * 2 * 2 * repeats * WORKERS * CLOSINGS, points.reconcile().faults
            claim(f"{given:,} entries of {wanted:,}, {len(faults)} faults, no deadlock",
                  holds=given == wanted and not faults)
            db.session.remove()
            db.engine.dispose()


def _fill() -> list[str]:
    """People with accounts, and sixty-four communities with funds."""
    db.create_all()
    db.session.remove()
    people = [new_id() for _ in range(PEOPLE)]
    with transaction():
        db.session.execute(insert(Account), [
            {"id": id, "name": "", "is_active": True, "created_at": clock.now()} for id in people])
        lock({purse_of(id) for id in people})
    funds = [f"36010200{number:04}" for number in range(64)]
    for code in funds:
        points.set_budget(code, points.this_year(), BUDGET)
    return funds


class Shift(NamedTuple):
    """What one worker is to do: for each closing the fund, the reporter, the manager."""

    name: str
    slice: int
    pairs: list[tuple[str, UUID, UUID]]
    ready: Any
    go: Any

    def begin(self) -> None:
        """Wait until everybody is ready."""
        self.ready.wait()
        self.go.wait()


def _rate(work: Callable[[Any, Shift], None], where: Any, funds: list[str], people: Iterator[UUID], name: str) -> float:
    """Closings a second when several workers begin together. Raises RuntimeError when one of them fails."""
    context = multiprocessing.get_context("fork")
    ready, go = context.Barrier(WORKERS + 1), context.Event()
    workers = []
    for number in range(WORKERS):
        chance = Random(f"{name}/{number}")
        pairs = [(chance.choice(funds), next(people), next(people)) for _ in range(CLOSINGS)]
        workers.append(context.Process(target=work, args=(where, Shift(f"{name}/{number}", number, pairs, ready, go))))
    for each in workers:
        each.start()
    ready.wait()
    began = time.monotonic()
    go.set()
    for each in workers:
        each.join()
    if any(each.exitcode for each in workers):
        raise RuntimeError("A worker failed.")
    return WORKERS * CLOSINGS / (time.monotonic() - began)


def _award(app: Any, shift: Shift) -> None:
    with app.app_context():
        points.of(shift.pairs[0][1])
        db.session.rollback()
        shift.begin()
        for number, (fund, reporter, manager) in enumerate(shift.pairs):
            with transaction():
                given = points.award_all(
                    [Award(reporter, Reason.FIRST_REPORT, WORDS), Award(manager, Reason.GRID_MANAGEMENT, WORDS)],
                    Occasion(f"{shift.name}-{number}/1", "fire_lane", fund, place=PLACE))
            if given != 2:
                raise RuntimeError(f"{given} of 2 awards were given.")
        db.engine.dispose()


def _plain(url: str, shift: Shift) -> None:
    address, year = make_url(url), clock.now().year
    work = [(purse_of_fund(fund, year).id, sorted(((purse_of(one).id, 10), (purse_of(other).id, 5))))
            for fund, one, other in shift.pairs]
    with psycopg.connect(host=address.query["host"], user=address.username, dbname=address.database) as connection:
        shift.begin()
        for turn, (fund, thanked) in enumerate(work):
            now = clock.now()
            with connection.cursor() as cursor:
                for purse, amount in thanked:
                    cursor.execute(TOTAL, (amount, purse))
                cursor.execute(SLICE, (fund, shift.slice))
                for purse, amount in thanked:
                    reason = "first_report" if amount == 10 else "grid_management"
                    cursor.execute(ENTRY, (new_id(), fund, purse, amount, reason, f"{shift.name}-{turn}/1", WORDS.zh,
                                           WORDS.en, now, now + PENDING, PLACE, "2026-1"))
            connection.commit()
