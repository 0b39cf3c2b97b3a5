"""Closing a case among 1,000,000 others: what one move costs the server, from the request's first byte to the answer.

Every closing is a real one: reported, dispatched, rectified with a picture, then closed over the whole WSGI stack,
without a network between. The floor is one transaction that changes a case's row and writes one line of history, the
same way, in the same run.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from benchmarks.open_cases import fill
from benchmarks.telling import claim, load, percentile, table
from incident_service import cases
from incident_service.app import create_app
from incident_service.cases import Case, history
from incident_service.cases.workflow import Move
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.transaction import transaction
from tests.factories import Phone, Town, a_picture
from tests.servers.postgres import create_database, start_postgres

CASES, CLOSINGS, AT_ONCE = 1_000_000, 60, 250_000
CLOSE_MS_MAX = 10.0
SMALL = (160, 120)
LINES = """
    INSERT INTO case_event (id, case_id, sequence, at, move, status_after, note, details)
    SELECT {id}, id, 1, opened_at, 'report', 'dispatching', '', '{{}}' FROM case_file"""


def run(repeats: int) -> None:
    """Print the figures, on either database."""
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as name:
        folder = Path(name)
        with start_postgres(folder, fsync=True) as server:
            for kind, url in (("PostgreSQL", create_database(server, "moves")),
                              ("SQLite", f"sqlite:///{folder / 'incidents.sqlite3'}")):
                with _installation(url, folder) as app:
                    _measure(kind, app, CLOSINGS * repeats)


@contextmanager
def _installation(url: str, folder: Path) -> Iterator[Flask]:
    app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, SQLITE_SYNCHRONOUS="FULL", DATA_DIR=folder,
                     PHOTO_STORE=f"file://{folder / 'photos'}", KEYS_DIR=folder / "keys")
    app.extensions["queues"]._rests_until = float("inf")                # Redis is away: promises stay where they are
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def _measure(kind: str, app: Flask, closings: int) -> None:
    town = Town()
    for first in range(0, CASES, AT_ONCE):
        fill(first + 1, first + AT_ONCE)
    db.session.execute(text(LINES.format(id="gen_random_uuid()" if is_postgresql() else "lower(hex(randomblob(16)))")))
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    numbers = _rectified(app, town, closings)
    desk = Phone(app.test_client(), town.desk)
    took = [_timed(desk, number) for number in numbers]
    floor = [_floor(number) for number in numbers]
    rows = [(name, percentile(values, 50), percentile(values, 95), percentile(values, 50) / percentile(floor, 50))
            for name, values in (("close", took), ("floor", floor))]
    print(f"   {kind}, {CASES:,} cases with a line of history each, {closings} closings; {load()}")
    table(("", "p50, ms", "p95, ms", "of floor"), rows)
    claim(f"{kind}: a closing takes {rows[0][2]:.1f} ms at p95 (at most {CLOSE_MS_MAX:g})",
          holds=rows[0][2] <= CLOSE_MS_MAX)


def _rectified(app: Flask, town: Town, count: int) -> list[str]:
    """So many cases, each rectified with a picture."""
    resident, officer = Phone(app.test_client(), town.resident), Phone(app.test_client(), town.officer)
    numbers = []
    for _ in range(count):
        numbers.append(resident.report(a_picture(size=SMALL)).json["case_number"])
        cases.dispatch(db.session.scalars(select(Case.id).where(Case.number == numbers[-1])).one())
        sent = officer.send(f"/cases/{numbers[-1]}/rectification", {}, [a_picture(size=SMALL)])
        if sent.status_code != 200:
            raise RuntimeError(sent.json)
    return numbers


def _timed(desk: Phone, number: str) -> float:
    """Milliseconds of one closing."""
    began = time.perf_counter()
    answer: Any = desk.post(f"/cases/{number}/closure")
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200 or answer.json["status"] != "closed":
        raise RuntimeError(answer.json)
    return took


def _floor(number: str) -> float:
    """Milliseconds of one line of history and one changed row, committed."""
    began = time.perf_counter()
    with transaction():
        history.note(db.session.scalars(select(Case).where(Case.number == number)).one(), Move.WARN, by_id=None)
    return (time.perf_counter() - began) * 1000
