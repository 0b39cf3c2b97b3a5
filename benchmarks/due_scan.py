"""Finding what is due among 10⁴, 10⁵ and 10⁶ open cases, and how late it is found while schedulers run and die.

One look is timed when nothing is due, and when a hundred cases are: then it promises a hundred jobs. The floors are one
`SELECT 1`, and writing a hundred such promises and nothing else, the same way in the same run. Then two schedulers run
on 100,000 open cases, a case becomes due ten times a second, and the scheduler that acts is killed in the middle.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import delete, select, text, update

from benchmarks.installations import environment
from benchmarks.open_cases import fill
from benchmarks.telling import claim, load, median, percentile, table
from incident_service import cases
from incident_service.app import create_app
from incident_service.cases import Case
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise, enqueue
from incident_service.foundation.transaction import transaction
from tests.servers.children import child_of_ours
from tests.servers.postgres import create_database, start_postgres

SIZES = (10_000, 100_000, 1_000_000)
LOOKS, DUE = 200, 100
LATE_CASES, LATE_EVERY_S, LATE_SIZE = 200, 0.1, 100_000
LATE_S_MAX, FLAT_MAX = 5.0, 1.5
WAIT_S_MAX = 60
HEAD = ("open cases", "nothing due, ms", "of floor", f"{DUE} due, ms", "of floor")


class Figures(NamedTuple):
    """Milliseconds, medians."""

    idle: float
    busy: float


def run(repeats: int) -> None:
    """Print the figures, on either database."""
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as name:
        folder = Path(name)
        with start_postgres(folder, fsync=True) as server:
            for kind, url in (("PostgreSQL", create_database(server, "due")),
                              ("SQLite", f"sqlite:///{folder / 'incidents.sqlite3'}")):
                with _installation(url, folder):
                    _compare(kind, repeats)
            url = create_database(server, "late")
            with _installation(url, folder):
                fill(1, LATE_SIZE)
                _while_schedulers_run(folder, url)


@contextmanager
def _installation(url: str, folder: Path) -> Iterator[Flask]:
    app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, SQLITE_SYNCHRONOUS="FULL", DATA_DIR=folder)
    app.extensions["queues"]._rests_until = float("inf")                # Redis is away: promises stay where they are
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def _compare(kind: str, repeats: int) -> None:
    floor, rows, filled = _floors(repeats), [], 0
    seen: dict[int, Figures] = {}
    for size in SIZES:
        fill(filled + 1, size)
        filled = size
        seen[size] = Figures(_timed(cases.wake_due, LOOKS), median(_busy() for _ in range(5 * repeats)))
        rows.append((f"{size:,}", seen[size].idle, seen[size].idle / floor.idle, seen[size].busy,
                     seen[size].busy / floor.busy))
    print(f"   {kind}; floors: SELECT 1 {floor.idle:.2f} ms, {DUE} promises {floor.busy:.1f} ms; {load()}")
    table(HEAD, rows)
    for name in Figures._fields:
        ratio = getattr(seen[SIZES[-1]], name) / getattr(seen[SIZES[0]], name)
        claim(f"{kind}, {name}: {ratio:.2f} times the time for {SIZES[-1] // SIZES[0]} times the cases "
              f"(flat: at most {FLAT_MAX})", holds=ratio <= FLAT_MAX)


def _floors(repeats: int) -> Figures:
    def ask() -> None:
        db.session.execute(text("SELECT 1"))
        db.session.rollback()

    def promise() -> None:
        with transaction():
            for number in range(DUE):
                enqueue("workers.routing.look_at_case", case_id=str(number))

    idle = _timed(ask, LOOKS)
    busy = median(_timed(promise, 1) for _ in range(5 * repeats))
    _forget()
    return Figures(idle, busy)


def _timed(call: Callable[[], object], times: int) -> float:
    """The median of so many calls, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _busy() -> float:
    """A look at a moment when a hundred cases, spread over all of them, are due."""
    ids = _make_due([timedelta(0)] * DUE)
    began = time.perf_counter()
    found = cases.wake_due()
    took = (time.perf_counter() - began) * 1000
    if found != DUE:
        raise RuntimeError(f"{found} of {DUE} were found.")
    with transaction():
        db.session.execute(update(Case).where(Case.id.in_(ids)).values(wakes_at=Case.due_at))
    _forget()
    return took


def _make_due(after: list[timedelta]) -> list[object]:
    """As many cases become due, so long from now."""
    ids = list(db.session.scalars(select(Case.id).order_by(Case.id).limit(len(after))))
    now = clock.now()
    with transaction():
        for case_id, wait in zip(ids, after, strict=True):
            db.session.execute(update(Case).where(Case.id == case_id).values(wakes_at=now + wait))
    return ids


def _forget() -> None:
    with transaction():
        db.session.execute(delete(Promise))


def _while_schedulers_run(folder: Path, url: str) -> None:
    """How long after its moment each case was promised a look."""
    command = [sys.executable, "-m", "benchmarks.due_scan", "scheduler"]
    settings = environment(folder / "late", url) | {"REDIS_URL": "redis://127.0.0.1:1"}
    with (folder / "schedulers.log").open("wb") as log, \
            child_of_ours(command, env=settings, stdout=log, stderr=log), \
            child_of_ours(command, env=settings, stdout=log, stderr=log):
        _make_due([timedelta(0)])
        _wait_for(1)
        _forget()
        ids = _make_due([timedelta(seconds=2 + number * LATE_EVERY_S) for number in range(LATE_CASES)])
        moments = dict(db.session.execute(select(Case.id, Case.wakes_at).where(Case.id.in_(ids))).all())
        db.session.rollback()
        time.sleep(2 + LATE_CASES * LATE_EVERY_S / 2)
        killed = _kill_the_one_that_acts()
        _wait_for(LATE_CASES)
    late = [(at - moments[case_id]).total_seconds() for at, case_id in _promised()]
    db.session.rollback()
    print(f"   two schedulers, {LATE_SIZE:,} open cases, {LATE_CASES} become due in "
          f"{LATE_CASES * LATE_EVERY_S:.0f} s, the acting scheduler (pid {killed}) killed half-way: found after p50 "
          f"{percentile(late, 50):.2f} s, p95 {percentile(late, 95):.2f} s, at most {max(late):.2f} s; {load()}")
    claim(f"everything due is found, once, within {max(late):.1f} s (at most {LATE_S_MAX:g})",
          holds=len(late) == len({case_id for _, case_id in _promised()}) == LATE_CASES and max(late) <= LATE_S_MAX)


def _kill_the_one_that_acts() -> int:
    """The scheduler whose connection holds the lock says its pid as the name of that connection."""
    name = db.session.scalar(text(
        "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory'"))
    db.session.rollback()
    pid = int(str(name).rpartition("-")[2])
    os.kill(pid, 9)
    return pid


def _promised() -> list[tuple[object, object]]:
    from uuid import UUID

    return [(at, UUID(arguments["case_id"])) for at, arguments in db.session.execute(
        select(Promise.created_at, Promise.arguments).where(Promise.job == "workers.routing.look_at_case"))]


def _wait_for(count: int) -> None:
    """Until so many looks are promised. Raises TimeoutError."""
    until = time.monotonic() + WAIT_S_MAX
    while len(_promised()) < count:
        db.session.rollback()
        if time.monotonic() > until:
            raise TimeoutError(f"{len(_promised())} of {count} were found.")
        time.sleep(0.1)
    db.session.rollback()


if __name__ == "__main__":
    from config.duties import DUTIES
    from incident_service.operations.scheduler_process import schedule

    os.environ["PGAPPNAME"] = f"scheduler-{os.getpid()}"
    schedule(create_app(), DUTIES)
