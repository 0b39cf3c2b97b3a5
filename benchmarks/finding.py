"""How long lists and searches take among 10⁶ cases, on PostgreSQL and on SQLite: first pages, deep pages, any word.

`python -m benchmarks.finding --database sqlite` makes the cases (three years, few streets have most of them, one in
seventy is still open), then asks as responders, desks and supervisors of different places do, each question once before
it counts. The floor is reading fifty rows by their ids. With `--url` and `--steps make` or `--steps measure` the
two go apart.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Table, select, text

from benchmarks.figures import installation, moments, on_sqlite
from benchmarks.telling import claim, table
from incident_service import accounts
from incident_service.accounts import Account, Grant, Role
from incident_service.cases import Case, Dispatch, finding, presenting, sight
from incident_service.cases.ground import BLOCK, TILE, square
from incident_service.cases.wording import tokens_of
from incident_service.cases.words import SLOTS, CaseWords
from incident_service.foundation.database import db

DATABASES = ("postgresql", "sqlite")
CASES, AT_ONCE, DEEP_PAGES = 1_000_000, 50_000, 400
STREETS, GRIDS, MANAGERS, OFFICERS = 72, 64, 8, 4         # grids and people of each street
FIRST = np.datetime64("2023-11-01T00:00:00", "us")
DAYS = 1095
CATEGORIES = [f"kind{n:02}" for n in range(20)]
LIVE = ("dispatching", "unroutable", "dispatched", "accepted", "returned", "rework", "suspended", "rectified")
COMMON, MIDDLING, RARE = "消防通道", "井盖", "石榴树"
SHARES = {COMMON: 0.4, "楼道": 0.1, MIDDLING: 0.01, "wheelchair": 0.003, RARE: 0.00003}
P95_MS_MAX = 50.0


class Columns(NamedTuple):
    """Columns of one table, by name."""

    table: Table
    values: dict[str, list[Any]]


def vocabulary(chance: Random) -> list[str]:
    """Words nobody asks for, so that the index of words is as large as a real one."""
    return ["".join(chr(chance.randrange(0x4E00, 0x5600)) for _ in range(chance.randint(2, 4))) for _ in range(4000)]


def sentences(count: int, chance: np.random.Generator, words: Sequence[str]) -> list[str]:
    """What residents wrote: ten words each, the frequent ones often, and what is asked for in its share of them."""
    ranks = np.minimum(chance.zipf(1.15, (count, 10)) - 1, len(words) - 1).tolist()
    said = ["，".join(words[rank] for rank in row) for row in ranks]
    for word, share in SHARES.items():
        for at in np.flatnonzero(chance.random(count) < share).tolist():
            said[at] += f" {word}"
    return said


def grid_of(street: int, grid: int) -> str:
    """The code of a grid."""
    return f"3601{11 + street % 6:02}{street // 6 + 1:03}{grid // 8 + 1:03}{grid % 8 + 1:03}"


def some_cases(start: int, count: int, people: Sequence[UUID], words: Sequence[str]) -> Iterator[Columns]:
    """Cases of a stretch of time, with their words and two dispatches each."""
    chance = np.random.default_rng(start)
    weights = (np.arange(STREETS) + 3.0) ** -0.8
    street = chance.choice(STREETS, count, p=weights / weights.sum())
    grid = chance.integers(0, GRIDS, count)
    step = DAYS * 86_400 * 1_000_000 // CASES
    opened = FIRST + ((start + np.arange(count)) * step + chance.integers(0, step, count)).astype("timedelta64[us]")
    ids = [UUID(int=(int(ms) << 80) | (7 << 76) | (2 << 62) | int(low)) for ms, low in zip(
        opened.astype("datetime64[ms]").astype(int), chance.integers(0, 2**62, count), strict=True)]
    live = chance.random(count) < (0.6 if start + count > CASES * 0.98 else 0.003)
    status = np.where(live, chance.choice(LIVE, count), "closed").tolist()
    areas = [grid_of(*pair) for pair in zip(street.tolist(), grid.tolist(), strict=True)]
    east = 115.7 + (street % 9) * 0.04 + (grid % 8) * 0.004 + chance.random(count) * 0.004
    north = 28.5 + (street // 9) * 0.04 + (grid // 8) * 0.004 + chance.random(count) * 0.004
    after = {name: moments(opened + (chance.lognormal(mean, 1, count) * 1e6).astype("timedelta64[us]"))
             for name, mean in (("pushed_at", 1), ("rectified_at", 7), ("closed_at", 8))}
    places = list(zip(east.tolist(), north.tolist(), strict=True))
    numbers = [f"{day.replace('-', '')}-{low:08X}" for day, low in zip(
        np.datetime_as_string(opened, unit="D").tolist(), chance.integers(0, 2**32, count).tolist(), strict=True)]
    beats = [f"{area[:6]}J{1 + int(area[6:9]) * 4 % 16:02}" for area in areas]
    given = {"lead": (street * MANAGERS + grid // MANAGERS).tolist(),
             "assist": (STREETS * MANAGERS + street * OFFICERS + grid % OFFICERS).tolist()}
    moment = moments(opened)
    yield Columns(Case.__table__, {                                             # type: ignore[arg-type]
        "id": ids, "number": numbers, "status": status,
        "category": [CATEGORIES[n] for n in np.minimum(chance.zipf(1.4, count) - 1, 19).tolist()],
        "condition": ["usual"] * count, "longitude": [east for east, _ in places],
        "latitude": [north for _, north in places], "address": ["某路"] * count, "area_code": areas,
        "district_code": [area[:6] for area in areas], "street_code": [area[:9] for area in areas],
        "community_code": [area[:12] for area in areas], "tile": [square(*each, TILE) for each in places],
        "block": [square(*each, BLOCK) for each in places],
        "beat_code": beats, "round": [1] * count,
        "version": [1] * count, "opened_at": moment, "pushed_at": after["pushed_at"],
        "rectified_at": [None if open else at for open, at in zip(live, after["rectified_at"], strict=True)],
        "closed_at": [None if open else at for open, at in zip(live, after["closed_at"], strict=True)],
        "due_at": moments(opened + np.timedelta64(2, "h"))})
    said = sentences(count, chance, words)
    sights = [[*sight.of_place(area, beat), *(sight.of_person(people[n]) for n in who)]
              for area, beat, *who in zip(areas, beats, *given.values(), strict=True)]
    yield Columns(CaseWords.__table__, {                                        # type: ignore[arg-type]
        "case_id": ids, "position": [int(at) * SLOTS for at in opened.astype(int)],
        "tokens": [tokens_of(*each) + "".join(f"{token} " for token in seen)
                   for *each, seen in zip(numbers, said, sights, strict=True)]})
    for part, who in given.items():
        yield Columns(Dispatch.__table__, {                                     # type: ignore[arg-type]
            "id": [UUID(int=each.int ^ (1 if part == "lead" else 2)) for each in ids], "case_id": ids,
            "round": [1] * count, "part": [part] * count, "role": ["grid_manager"] * count, "area_code": areas,
            "responder_id": [people[n] for n in who], "explanation": ["{}"] * count, "opened_at": moment,
            "block": [square(*each, BLOCK) for each in places], "pushed_at": after["pushed_at"], "rung": [0] * count,
            "case_ended_at": [None if open else at for open, at in zip(live, after["closed_at"], strict=True)]})


def hire() -> list[UUID]:
    """Grid managers and officers of every street, desks, and supervisors of a district and of the city."""
    managers = [Grant(Role.GRID_MANAGER, grid_of(street, community * 8)[:12], None)
                for street in range(STREETS) for community in range(MANAGERS)]
    officers = [Grant(Role.OFFICER, f"{grid_of(street, 0)[:6]}J{10 + street // 6 * OFFICERS + n:02}", "traffic")
                for street in range(STREETS) for n in range(OFFICERS)]
    others = [*(Grant(Role.DESK, grid_of(street, 0)[:9], None) for street in range(STREETS)),
              Grant(Role.DESK, "3601", None), Grant(Role.SUPERVISOR, "360113", None),
              Grant(Role.SUPERVISOR, "3601", None)]
    return [accounts.add_person(f"136{n:08}", "bench", roles=[grant]).id
            for n, grant in enumerate([*managers, *officers, *others])]


def store(made: Columns) -> None:
    """Put rows into a table as fast as its database takes them."""
    names = ", ".join(made.values)
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                f"INSERT INTO {made.table.name} ({names}) VALUES ({', '.join('?' * len(made.values))})",
                list(zip(*map(on_sqlite, made.values.values()), strict=True)))
        return
    connection = db.engine.raw_connection()
    with connection.cursor() as cursor, cursor.copy(f"COPY {made.table.name} ({names}) FROM STDIN") as into:
        for line in zip(*made.values.values(), strict=True):
            into.write_row(line)
    connection.commit()
    connection.close()


SETTLING = {"sqlite": ["PRAGMA wal_checkpoint(TRUNCATE)"],
            "postgresql": ["VACUUM ANALYZE case_file, case_words, dispatch", "CHECKPOINT"]}


def _settle() -> None:
    """All that was written is counted and lies on the disk, as where the cases came over years: else that goes on while
    somebody measures."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for each in SETTLING[db.engine.dialect.name]:
            connection.execute(text(each))
    os.sync()


def make(count: int) -> None:
    """Fill the tables, their indexes made afterwards."""
    began, people, words = time.perf_counter(), hire(), vocabulary(Random(3))
    indexes = [index for each in (Case, Dispatch) for index in each.__table__.indexes if not index.unique]
    for index in indexes:
        index.drop(db.engine)
    for start in range(CASES - count, CASES, AT_ONCE):
        for made in some_cases(start, AT_ONCE, people, words):
            store(made)
    for index in indexes:
        index.create(db.engine)
    _settle()
    print(f"{db.engine.dialect.name}: {count:,} cases stored in {time.perf_counter() - began:.0f} s", flush=True)


def pages(by: Account, **filters: Any) -> Callable[[], int]:
    """The first page of a list as the API gives it."""
    def ask() -> int:
        found = finding.page_of_cases(by=by, **{"limit": 50, "cursor": "", "sort": "newest"} | filters)
        return len([presenting.summary(each) for each in found.items])
    return ask


def deep(by: Account, **filters: Any) -> str:
    """The cursor of a page deep in a list."""
    cursor = ""
    for _ in range(DEEP_PAGES):
        cursor = finding.page_of_cases(by=by, limit=200, cursor=cursor, sort="newest", **filters).next_cursor or cursor
    return cursor


def questions(chance: Random) -> dict[str, list[Callable[[], int]]]:
    """What is asked, each by many."""
    staff: dict[Role, list[Account]] = {role: [] for role in Role}
    for account in db.session.scalars(select(Account).order_by(Account.id)).unique():
        for held in account.roles:
            staff[held.role].append(account)
    city, street = staff[Role.DESK][-1], staff[Role.DESK][:12]
    responders = [*staff[Role.GRID_MANAGER][:8], *staff[Role.OFFICER][:8],
                  *chance.sample(staff[Role.GRID_MANAGER] + staff[Role.OFFICER], 24)]
    everybody = [city, *street, *staff[Role.SUPERVISOR], *responders[:12]]
    spots = list(db.session.execute(select(Case.longitude, Case.latitude).order_by(Case.number).limit(20)).all())
    wide = [(*spot, 2000.0) for spot in spots]
    past = deep(city)
    return {
        "responder, open": [pages(by, responder="me", open=True) for by in responders],
        "responder, everything": [pages(by, responder="me") for by in responders],
        "grid or beat, newest": [pages(by) for by in responders],
        "desk of a street, by status": [pages(by, status=each) for by in street for each in ("rectified", "closed")],
        "desk of a street, by category": [pages(by, category=CATEGORIES[n]) for by in street for n in (0, 5, 19)],
        "desk of the city, filtered": [pages(city, **each) for each in (
            {"status": "accepted"}, {"category": CATEGORIES[19]}, {"overdue": True}, {"open": True},
            {"status": "closed", "category": CATEGORIES[7]}, {"area": grid_of(40, 9)}, {"area": grid_of(3, 0)[:12]})],
        "first page of the city": [pages(city)],
        f"page {DEEP_PAGES * 4} of the city": [pages(city, cursor=past)],
        **{f"word in {share:.3%}": [pages(by, q=word) for by in everybody] for word, share in SHARES.items()},
        "two words": [pages(by, q=f"{COMMON} {MIDDLING}") for by in everybody],
        "near, 50 m": [pages(city, near=(*spot, 50.0)) for spot in spots],
        "near, 300 m": [pages(by, near=(*spot, 300.0)) for spot in spots for by in (city, street[0])],
        "near, 2 km": [pages(city, near=spot) for spot in wide],
        "near, 2 km, elsewhere": [pages(by, near=spot) for spot in wide for by in (*responders[:2], street[0])],
        "near, 2 km, open": [pages(by, near=spot, open=True) for spot in wide for by in (city, street[0])],
        "near, 2 km, once given": [pages(by, near=spot, responder="me") for spot in wide for by in responders[:2]],
    }


def measure(repeats: int) -> None:
    """Ask everything, and print it beside the floor."""
    ids = list(db.session.scalars(select(Case.id).order_by(Case.number).limit(50)))
    rows = []
    asked = {"floor: 50 rows by id": [lambda: len(db.session.scalars(select(Case).where(Case.id.in_(ids))).all())]}
    for name, calls in (asked | questions(Random(5))).items():
        took, found = [], 0
        for call in calls:                                  # once that nobody counts: pages come from the disk
            call()
        for _ in range(max(repeats, 60 // len(calls))):
            for call in calls:
                db.session.expunge_all()
                db.session.rollback()
                began = time.perf_counter()
                found += call()
                took.append((time.perf_counter() - began) * 1000)
        rows.append((name, len(took), found / len(took), *np.percentile(took, (50, 95)).tolist(), max(took)))
    table(("question", "asked", "rows", "p50 ms", "p95 ms", "max ms"), rows)
    floor = rows[0][4]
    for name, *_, p95, _most in rows[1:]:
        claim(f"{name}: p95 {p95:.1f} ms ≤ {P95_MS_MAX:g} ms ({p95 / floor:.1f} × floor)", holds=p95 <= P95_MS_MAX)


def run(repeats: int = 3, *, cases: int = CASES, databases: Sequence[str] = DATABASES, url: str | None = None,
        steps: Sequence[str] = ("make", "measure")) -> None:
    """Make the cases and measure, on each database."""
    for kind in databases:
        with installation(kind, url):
            if "make" in steps:
                make(cases)
            if "measure" in steps:
                measure(repeats)


def main() -> None:
    """Print the figures asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=CASES)
    options.add_argument("--database", dest="databases", nargs="+", default=DATABASES, choices=DATABASES)
    options.add_argument("--url")
    options.add_argument("--steps", nargs="+", default=("make", "measure"), choices=("make", "measure"))
    wanted = options.parse_args()
    run(cases=wanted.cases, databases=wanted.databases, url=wanted.url, steps=wanted.steps)


if __name__ == "__main__":
    main()
