"""How long supervisors wait for figures over 10⁶ and 10⁷ cases, and how long writing and folding their daybook takes.

`python -m benchmarks.figures --cases 1000000 --database postgresql` makes its cases (a year, skewed over streets,
categories and hours of the day), writes the daybook, and measures. Beyond a million, PostgreSQL multiplies them itself:
each copy lies on another day, its times stretched by chance. A large database may be kept and measured again: bring
an empty one by `--url`, call once with `--steps write` and as often as you like with `--steps measure`.
"""

import argparse
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask_migrate
import numpy as np
from flask import Flask
from sqlalchemy import ColumnElement, func, insert, select, text
from sqlalchemy.orm import InstrumentedAttribute

from benchmarks.installations import folder
from incident_service.app import create_app
from incident_service.cases import Case, CaseEvent, Move, Status
from incident_service.foundation.database import db, new_id
from incident_service.supervision import daybook
from incident_service.supervision.daybook.folding import WAITING_MAX
from incident_service.supervision.daybook.models import FigureDay
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import figures_of
from incident_service.supervision.scope import Scope
from tests.servers.postgres import create_database, start_postgres

YEAR = Period(datetime(2024, 12, 31, 16, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC))
UNEVEN = Period(datetime(2025, 1, 10, 3, tzinfo=UTC), datetime(2025, 12, 20, 9, tzinfo=UTC))
CITY = Scope(["3601"])
STREETS, CATEGORIES, AT_ONCE, BY_HAND = 60, 20, 100_000, 1_000_000
COLUMNS = ("id", "number", "status", "category", "condition", "longitude", "latitude", "address", "area_code",
           "beat_code", "round", "version", "opened_at", "pushed_at", "accepted_at", "rectified_at", "closed_at",
           "due_at")
QUESTIONS: dict[str, tuple[Period, GroupBy | None, Filters]] = {
    "city, a year, by street": (YEAR, GroupBy.STREET, Filters()),
    "the same, not from month to month": (UNEVEN, GroupBy.STREET, Filters()),
    "city, a year, by category": (YEAR, GroupBy.CATEGORY, Filters()),
    "ad hoc: a category, weekdays 8-11, by grid": (YEAR, GroupBy.GRID, Filters(
        category="kind03", hours=frozenset(range(8, 12)), weekdays=frozenset(range(1, 6)))),
    "ad hoc: everything by hour of the day": (YEAR, GroupBy.HOUR, Filters()),
    "ad hoc: a district by category": (YEAR, GroupBy.CATEGORY, Filters(area="360101")),
}
SUMMARY_MS_MAX, AD_HOC_MS_MAX = 100, 500
SERVER = ("shared_buffers=1GB", "maintenance_work_mem=1GB", "max_parallel_maintenance_workers=2", "max_wal_size=8GB")
PAGES = "SELECT day, codes, moments FROM figure_day WHERE day >= '{since}' AND day < '{until}'"
SUMMARIES = "SELECT keys, numbers, places, fills FROM figure_sum WHERE dimension = '{dimension}' AND length = 'year'"
FLOORS = {                                          # the rows an answer rests on, read by the driver and not looked at
    "city, a year, by street": SUMMARIES.format(dimension="street"),
    "city, a year, by category": SUMMARIES.format(dimension="category"),
    **dict.fromkeys([name for name in QUESTIONS if name.startswith("ad hoc")],
                    PAGES.format(since="2025-01-01", until="2026-01-01"))}
IN_SQL = """SELECT {key}, count(*), count(closed_at), count(*) FILTER (WHERE rectified_at <= due_at), {times}
    FROM case_file WHERE opened_at >= '2024-12-31T16:00Z' AND opened_at < '2025-12-31T16:00Z' AND {which} GROUP BY 1"""
ALL_TIMES = ", ".join(
    f"percentile_cont(ARRAY[.5, .9, .95]) WITHIN GROUP (ORDER BY {end} - {start}), avg({end} - {start})"
    for start, end in (("opened_at", "pushed_at"), *(("pushed_at", f"{step}_at") for step in (
        "accepted", "rectified", "closed"))))
LOCAL = "(opened_at AT TIME ZONE 'Asia/Shanghai')"
RAW = {                                             # the same over the cases themselves
    "ad hoc: a category, weekdays 8-11, by grid": IN_SQL.format(
        key="area_code", times=ALL_TIMES, which=f"category = 'kind03' AND extract(hour FROM {LOCAL}) BETWEEN 8 AND 11"
        f" AND extract(isodow FROM {LOCAL}) <= 5"),
    "ad hoc: everything by hour of the day": IN_SQL.format(
        key=f"extract(hour FROM {LOCAL})", times=ALL_TIMES, which="true"),
    "ad hoc: a district by category": IN_SQL.format(
        key="category", times=ALL_TIMES, which="area_code LIKE '360101%'")}
RAW_CASES_MAX, FEW, MANY = 1_000_000, 5, 1_000
VARIED = {                                          # how a copy differs from the first case: who, when, how long, where
    "id": "other_id", "number": "replace(other_id::text, '-', '')",
    "longitude": "longitude + (stretch - 1) / 500", "latitude": "latitude + (stretch - 1) / 500",
    "opened_at": "anew", **{f"{step}_at": f"anew + (pushed_at - opened_at) + ({step}_at - pushed_at) * stretch"
                            for step in ("pushed", "accepted", "rectified", "closed")},
    "due_at": "anew + (due_at - opened_at)"}
ANOTHER = f"""INSERT INTO case_file ({', '.join(COLUMNS)})
    SELECT {', '.join(VARIED.get(name, name) for name in COLUMNS)} FROM (
        SELECT *, (lpad(to_hex(CAST(:turn AS integer)), 2, '0') || substr(id::text, 3))::uuid AS other_id,
            0.8 + 0.4 * random() AS stretch,
            TIMESTAMPTZ '{YEAR.since.isoformat()}' + make_interval(secs => mod(
                extract(epoch FROM opened_at - TIMESTAMPTZ '{YEAR.since.isoformat()}')
                + (:turn * 37 % 365) * 86400 + (random() * 1800)::numeric, 365 * 86400)::float8) AS anew
        FROM first) AS copied"""


def columns(count: int, chance: np.random.Generator) -> dict[str, list[object]]:
    """Cases of a year: few streets have most of them, days are busier than nights, times are log-normal."""
    ranks = np.minimum(chance.zipf(1.3, count) - 1, STREETS - 1)
    grids = chance.integers(1, 21, count)
    areas = [f"36010{1 + street % 6}{1 + street // 6:03}001{grid:03}"
             for street, grid in zip(ranks.tolist(), grids.tolist(), strict=True)]
    day = chance.integers(0, 365, count)
    second = np.clip(chance.normal(14, 4, count) % 24 * 3600, 0, 86_399)
    opened = np.datetime64(YEAR.since.replace(tzinfo=None), "us") + (
        (day * 86_400 + second) * 1e6 + chance.integers(0, 10**6, count)).astype("timedelta64[us]")
    steps = (chance.lognormal(mean, 1.2, (count,)) * 1e6 for mean in (1, 5, 6.5, 8))
    pushed, accepted, rectified, closed = (step.astype("timedelta64[us]") for step in steps)
    pushed = opened + pushed
    is_open = chance.random(count) < 0.02
    at = {"opened_at": opened, "pushed_at": pushed, "accepted_at": pushed + accepted,
          "rectified_at": pushed + rectified, "due_at": pushed + np.timedelta64(2, "h"),
          "closed_at": np.where(is_open, np.datetime64("NaT"), pushed + closed)}
    kinds = np.minimum(chance.zipf(1.4, count) - 1, CATEGORIES - 1).tolist()
    ids = [UUID(bytes=b"\0" + bytes(each))              # a copy's begin with the number of its turn
           for each in np.frombuffer(chance.bytes(15 * count), np.uint8).reshape(-1, 15)]
    return {
        "id": ids, "number": [each.hex for each in ids],
        "status": ["accepted" if each else "closed" for each in is_open],
        "category": [f"kind{kind:02}" for kind in kinds], "condition": ["usual"] * count,
        "longitude": (115.8 + chance.random(count) * 0.3).tolist(),
        "latitude": (28.5 + chance.random(count) * 0.3).tolist(), "address": [""] * count, "area_code": areas,
        "beat_code": [f"{area[:6]}J{1 + int(area[-2:]) % 9:02}" for area in areas],
        "round": [1] * count, "version": [1] * count, **{name: moments(each) for name, each in at.items()}}


def moments(each: np.ndarray) -> list[object]:
    """As text that PostgreSQL reads, or None."""
    words = np.datetime_as_string(each, unit="us").tolist()
    return [None if word == "NaT" else word for word in words]


def fill(count: int) -> None:
    """Make so many cases: those beyond BY_HAND are varied copies of the first."""
    chance = np.random.default_rng(0)
    for _ in range(min(count, BY_HAND) // AT_ONCE):
        made = columns(AT_ONCE, chance)
        if db.engine.dialect.name == "postgresql":
            copy(made)
        else:
            with db.engine.begin() as connection:
                connection.exec_driver_sql(
                    f"INSERT INTO case_file ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
                    list(zip(*(on_sqlite(made[name]) for name in COLUMNS), strict=True)))
    if count > BY_HAND:
        multiply(count // BY_HAND)


def multiply(times: int) -> None:
    """Let PostgreSQL make them so many times as many, one copy of all in a transaction."""
    with db.engine.begin() as connection:
        connection.execute(text(f"CREATE UNLOGGED TABLE first AS SELECT {', '.join(COLUMNS)} FROM case_file"))
    for turn in range(1, times):
        with db.engine.begin() as connection:
            connection.execute(text(ANOTHER), {"turn": turn})
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE first"))


def on_sqlite(column: list[object]) -> list[object]:
    """As SQLite keeps it."""
    if isinstance(column[0], UUID):
        return [each.hex for each in column]                            # type: ignore[attr-defined]
    return [each.replace("T", " ") if isinstance(each, str) and each[10:11] == "T" else each for each in column]


def copy(made: dict[str, list[object]]) -> None:
    """Into PostgreSQL by COPY."""
    connection = db.engine.raw_connection()
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY case_file ({', '.join(COLUMNS)}) FROM STDIN") as into:
            lines = zip(*(made[name] for name in COLUMNS), strict=True)
            into.write("".join("\t".join("\\N" if each is None else str(each) for each in line) + "\n"
                               for line in lines))
        connection.commit()
    finally:
        connection.close()


@contextmanager
def installation(kind: str, url: str | None) -> Iterator[Flask]:
    """An application with a migrated database: at `url`, or a new one that is gone after the block."""
    with ExitStack() as stack:
        if url is None:
            place = stack.enter_context(folder())
            url = f"sqlite:///{place / 'figures.sqlite3'}" if kind == "sqlite" else create_database(
                stack.enter_context(start_postgres(place, fsync=False, settings=SERVER)), "figures")
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, SQLITE_SYNCHRONOUS="OFF", CITY_CODE="3601",
                         AREA_AGE_S_MAX=1)                  # as it ships; tests look at every question
        with app.app_context():
            flask_migrate.upgrade()
            yield app
            db.session.remove()
            db.engine.dispose()


def timed(call: Callable[[], object], repeats: int) -> np.ndarray:
    """Milliseconds of each call, after one that nobody counts."""
    call()
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return np.array(took)


def measure(cases: int, repeats: int) -> None:
    """Print what each question takes."""
    pages = db.session.scalar(select(func.count()).select_from(FigureDay))
    print(f"{db.engine.dialect.name}: {cases:,} cases on {pages} pages")
    for name, (period, by, filters) in QUESTIONS.items():
        is_ad_hoc = name.startswith("ad hoc")
        target = AD_HOC_MS_MAX if is_ad_hoc else SUMMARY_MS_MAX
        took = timed(lambda period=period, by=by, filters=filters: figures_of(          # type: ignore[misc]
            CITY, period, group_by=by, filters=filters), FEW if is_ad_hoc and cases > RAW_CASES_MAX else repeats)
        found = figures_of(CITY, period, group_by=by, filters=filters)
        p50, p95 = np.percentile(took, (50, 95))
        print(f"  {name:45} p50 {p50:7.1f} ms  p95 {p95:7.1f} ms (target {target})  {found.total.cases:,} cases in"
              f" {len(found.items)} groups, {'exact' if found.is_exact else 'within 1 %'}", flush=True)
        if name in FLOORS:
            floor = np.median(timed(lambda name=name: driver_alone(FLOORS[name]), 5))   # type: ignore[misc]
            print(f"      its rows read by the driver alone {floor:.1f} ms, ratio {p50 / floor:.1f}", flush=True)
        if name in FLOORS and name in RAW and cases > RAW_CASES_MAX:
            print_plan(FLOORS[name])
        if name in RAW and db.engine.dialect.name == "postgresql":
            print_raw(RAW[name], p50, is_run=found.total.cases <= RAW_CASES_MAX and cases <= RAW_CASES_MAX)


def print_raw(question: str, ours: float, *, is_run: bool) -> None:
    """The same question in SQL over the cases: what it takes, or, where that is too long to wait, how it would go."""
    if is_run:
        began = time.perf_counter()
        driver_alone(question)
        took = (time.perf_counter() - began) * 1000
        print(f"      the same in SQL over the cases, once, {took:.0f} ms, ratio {ours / took:.2f}", flush=True)
    else:
        print("      the same in SQL over the cases would go so:", flush=True)
        print_plan(question)


def print_plan(statement: str) -> None:
    """How PostgreSQL would go about it."""
    print("\n".join(f"        {line}" for line, in driver_alone("EXPLAIN " + statement)), flush=True)


def driver_alone(statement: str) -> list[tuple[object, ...]]:
    """What the bare driver gets for a statement."""
    connection = db.engine.raw_connection()
    try:
        options = {"binary": True} if db.engine.dialect.name == "postgresql" else {}
        cursor = connection.driver_connection.cursor(**options)                     # type: ignore[union-attr]
        cursor.execute(statement)
        return cursor.fetchall()                                                    # type: ignore[no-any-return]
    finally:
        connection.rollback()
        connection.close()


def live() -> None:
    """As many changes as may wait, and five times as many from all over the year, as an import brings: what they add to
    the next answer, and what writing them into the daybook takes."""
    for changes, order, what in ((WAITING_MAX, Case.closed_at.desc(), "latest closings"),
                                 (MANY, Case.id, "changes all over the year")):
        change(changes, order)
        took = timed(lambda: figures_of(CITY, YEAR, group_by=GroupBy.STREET), 20)
        began, worked = time.perf_counter(), time.process_time()
        daybook.fold()
        took_ms, worked_ms = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
        print(f"  {changes} {what} not yet written: by street p50 {np.percentile(took, 50):.1f} ms, p95"
              f" {np.percentile(took, 95):.1f} ms (target {SUMMARY_MS_MAX}); writing them took {took_ms:.0f} ms, of"
              f" which {worked_ms:.0f} ms CPU of this process, {worked_ms / changes:.2f} ms a change", flush=True)


def change(count: int, order: ColumnElement[Any] | InstrumentedAttribute[Any] = Case.closed_at.desc()) -> None:     # noqa: B008
    """The first in this order of the cases that were closed before a winter's noon have one more line in their
    histories; the last closed unless said."""
    closed_before = Case.closed_at < datetime(2025, 12, 20, 4, tzinfo=UTC)
    ids = db.session.scalars(select(Case.id).where(closed_before).order_by(order).limit(count)).all()
    db.session.execute(insert(CaseEvent), [
        {"id": new_id(), "case_id": id, "sequence": 1000 + new_id().int % 10**8, "at": datetime.now(UTC),
         "move": Move.CLOSE, "by_id": None, "status_before": Status.RECTIFIED, "status_after": Status.CLOSED,
         "note": "", "details": {}} for id in ids])
    db.session.commit()


def write(cases: int) -> None:
    """Make cases, and write their daybook."""
    began = time.perf_counter()
    indexes = sorted(Case.__table__.indexes, key=lambda index: index.name or "")             # type: ignore[attr-defined]
    for index in indexes:                               # a bulk load builds its indexes afterwards
        index.drop(db.engine, checkfirst=True)
    fill(cases)
    print(f"filled after {time.perf_counter() - began:.0f} s", flush=True)
    for index in indexes:
        index.create(db.engine)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE case_file"))
    print(f"{how_many():,} cases with their indexes after {time.perf_counter() - began:.0f} s", flush=True)
    began, before = time.perf_counter(), peak_mb()
    days = daybook.rebuild()
    print(f"the daybook of {days} days is written after {time.perf_counter() - began:.0f} s; this process held"
          f" {peak_mb():.0f} MB, at its largest, {before:.0f} MB before", flush=True)


def how_many() -> int:
    """How many cases there are."""
    found = db.session.scalar(select(func.count()).select_from(Case)) or 0
    db.session.rollback()                               # a read that stays open would see this for ever on SQLite
    return found


def peak_mb() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(repeats: int = 3, *, cases: int = 1_000_000, kind: str = "postgresql", url: str | None = None,
        steps: Sequence[str] = ("write", "measure")) -> None:
    """Fill, write the daybook, measure."""
    with installation(kind, url):
        if "write" in steps:
            write(cases)
        if "measure" in steps:
            measure(cases, max(7 * repeats, 20))
            live()


def main() -> None:
    """Print the figures asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=1_000_000)
    options.add_argument("--database", default="postgresql", choices=("postgresql", "sqlite"))
    options.add_argument("--url", help="of an empty PostgreSQL database, or one that was written to before")
    options.add_argument("--steps", nargs="+", default=("write", "measure"), choices=("write", "measure"))
    options.add_argument("--repeats", type=int, default=3)
    wanted = options.parse_args()
    run(wanted.repeats, cases=wanted.cases, kind=wanted.database, url=wanted.url, steps=wanted.steps)


if __name__ == "__main__":
    main()
