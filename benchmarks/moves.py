"""What closing a case costs the server among 1,000,000 others, from the request's first byte to the answer's last.

Every closing is a real one: reported, dispatched, rectified with a picture, then closed over the whole WSGI stack,
without a network between; what it promises is done by workers afterwards. The process has closed some before, which
are not counted. The floor is a transaction that writes one line of a case's history and changes its row, in the same
run.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import flask_migrate
import orjson
from flask import Flask
from sqlalchemy import select
from werkzeug.test import create_environ, run_wsgi_app

from benchmarks.figures import SERVER
from benchmarks.finding import CASES, DATABASES, make
from benchmarks.installations import folder
from benchmarks.telling import claim, load, percentile, table
from config.base import Base
from incident_service import cases
from incident_service.accounts import Role
from incident_service.app import create_app
from incident_service.cases import Case, history
from incident_service.cases.workflow import Move
from incident_service.foundation import logs
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.operations.processes import share_memory
from tests.factories import Phone, Town, a_picture, an_account
from tests.servers.postgres import create_database, start_postgres

CLOSINGS = 60
WARM_UP = 20                                        # closings before: a process and its connections serve for days
CLOSE_MS_MAX = 10.0
CASES_OF_ONE = 4                                    # of one resident, lately: hardly anybody reports more
HOURS = timedelta(hours=3)
SMALL = (160, 120)


def run(repeats: int = 3, *, databases: Sequence[str] = DATABASES, url: str | None = None) -> None:
    """Print the figures, on each database: new ones, or the one at `url` that holds its cases already."""
    for kind in databases:
        with ExitStack() as stack:
            place = stack.enter_context(folder())
            there = url or (f"sqlite:///{place / 'incidents.sqlite3'}" if kind == "sqlite" else create_database(
                stack.enter_context(start_postgres(place, fsync=True, settings=SERVER)), "moves"))
            app = stack.enter_context(_installation(there, place))
            if url is None:
                make(CASES)
            _measure(kind, app, Town(), CLOSINGS * repeats)


@contextmanager
def _installation(url: str, place: Path) -> Iterator[Flask]:
    """An application as it ships, but for the workers."""
    as_it_ships = {name: getattr(Base, name) for name in (
        "AREA_AGE_S_MAX", "RULES_AGE_S_MAX", "SECOND_LOOK_PERCENT", "POINTS_OBJECTION_DAYS", "POINTS_ARE_LIMITED")}
    app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, SQLITE_SYNCHRONOUS="FULL", DATA_DIR=place,
                     KEYS_DIR=place / "keys", PHOTO_STORE=f"file://{place / 'photos'}", **as_it_ships)
    app.extensions["queues"]._rests_until = float("inf")                # Redis is away: promises stay where they are
    with app.app_context():
        flask_migrate.upgrade()
        logs.open_logs()                            # to standard error, as lines are written in service
        yield app
        db.session.remove()
        db.engine.dispose()


def _measure(kind: str, app: Flask, town: Town, closings: int) -> None:
    numbers = _rectified(app, town, WARM_UP + closings)
    desk = Phone(app.test_client(), town.desk)
    share_memory()                                  # as before the processes of an installation are forked
    took = [_closed(desk, number) for number in numbers][WARM_UP:]
    floor = [_noted(number) for number in numbers]
    rows = [(name, percentile(values, 50), percentile(values, 95), percentile(values, 50) / percentile(floor, 50))
            for name, values in (("a closing", took), ("floor: one line, one row", floor))]
    print(f"   {kind}, {CASES:,} cases, {closings} closings; {load()}")
    table(("", "p50, ms", "p95, ms", "of floor"), rows)
    claim(f"{kind}: a closing takes {rows[0][2]:.1f} ms at p95 (at most {CLOSE_MS_MAX:g})",
          holds=rows[0][2] <= CLOSE_MS_MAX)


def _rectified(app: Flask, town: Town, count: int) -> list[str]:
    """So many cases of several residents, as in life, each rectified with a picture."""
    officer, numbers = Phone(app.test_client(), town.officer), []
    for nth in range(count):
        if nth % CASES_OF_ONE == 0:
            resident = Phone(app.test_client(), an_account(Role.RESIDENT))
        numbers.append(resident.report(a_picture(size=SMALL)).json["case_number"])
        case_id = db.session.scalars(select(Case.id).where(Case.number == numbers[-1])).one()
        cases.dispatch(case_id)
        sent = officer.send(f"/cases/{numbers[-1]}/rectification", {}, [a_picture(size=SMALL)])
        if sent.status_code != 200:
            raise RuntimeError(sent.json)
        cases.compare_pictures(case_id)
    _pushed_earlier(numbers)
    return numbers


def _pushed_earlier(numbers: Sequence[str]) -> None:
    """As if it had all begun some hours ago: what is closed within seconds is held, and nobody is given anything."""
    with transaction():
        for case in db.session.scalars(select(Case).where(Case.number.in_(numbers))):
            case.opened_at, case.pushed_at = case.opened_at - HOURS, (case.pushed_at or case.opened_at) - HOURS


def _closed(desk: Phone, number: str) -> float:
    """Milliseconds of one closing: what a client does before and after is not among them."""
    asked = create_environ(f"/api/v1/cases/{number}/closure", method="POST", json={}, headers=desk.headers)
    began = time.perf_counter()
    body, status, _ = run_wsgi_app(desk.client.application, asked, buffered=True)
    took = (time.perf_counter() - began) * 1000
    answer = orjson.loads(b"".join(body))
    if not status.startswith("200") or answer["status"] != "closed":
        raise RuntimeError(answer)
    return took


def _noted(number: str) -> float:
    """Milliseconds of one line of history and one changed row, committed."""
    began = time.perf_counter()
    with transaction():
        history.note(db.session.scalars(select(Case).where(Case.number == number)).one(), Move.WARN, by_id=None)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print the figures asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", dest="databases", nargs="+", default=DATABASES, choices=DATABASES)
    options.add_argument("--url", help="of a database that `benchmarks.finding --steps make` has filled")
    options.add_argument("--repeats", type=int, default=3)
    wanted = options.parse_args()
    run(wanted.repeats, databases=wanted.databases, url=wanted.url)


if __name__ == "__main__":
    main()
