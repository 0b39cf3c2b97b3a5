"""Deciding who gets a case, with rules, rosters, leave and workload, among 10,000 responders on PostgreSQL.

Four people stand at every post, in the demo town and in an invented city around it, each with a shift by day and one
by night, one in twenty on leave; 20,000 dispatches are open. What is timed is `routing.choose` at random points of the
demo town, whose posts have four people each, so that the workload must decide. The floor is two times `SELECT 1`: a
decision asks the database two questions, and a third once a second. The gaps of the next seven days are reckoned on
the same rows.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice, product
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import insert, text

from benchmarks.open_cases import fill
from benchmarks.telling import claim, load, median, percentile, table
from config.base import Base
from incident_service import areas, routing
from incident_service.accounts import Account, Role, RoleHeld
from incident_service.app import create_app
from incident_service.areas import Layer
from incident_service.cases.dispatch import open_dispatches
from incident_service.cases.models import Case, Dispatch
from incident_service.demo import town
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import let_go
from incident_service.routing import Leave, RosterEntry, Step
from tests.servers.postgres import create_database, start_postgres

RESPONDERS, OPEN, DECISIONS, QUESTIONS = 10_000, 20_000, 1000, 2
PER_POST = 4
P95_MS_MAX, GAPS_S_MAX = 2.0, 5.0
WEST, EAST, SOUTH, NORTH = 115.925, 115.935, 28.686, 28.694


def run(repeats: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as name, \
            start_postgres(Path(name), fsync=True) as server:
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=create_database(server, "decision"), DATA_DIR=Path(name),
                         KEYS_DIR=Path(name) / "keys", PHOTO_STORE=f"file://{name}/photos",
                         AREA_AGE_S_MAX=Base.AREA_AGE_S_MAX, RULES_AGE_S_MAX=Base.RULES_AGE_S_MAX)
        with app.app_context():
            db.create_all()
            _people()
            rows = [(*_decide(Random(number)), load()) for number in range(repeats)]
            gaps = [_gaps() for _ in range(repeats)]
            db.engine.dispose()
    table(("decision p50, ms", "p95, ms", "floor p95, ms", "times the floor", "machine"),
          [(p50, p95, floor, p95 / floor, busy) for p50, p95, floor, busy in rows])
    p95 = median(row[1] for row in rows)
    claim(f"a dispatch decision takes at most {P95_MS_MAX} ms at p95 among {RESPONDERS} responders: {p95:.2f} ms",
          holds=p95 <= P95_MS_MAX)
    seconds = median(each for each, _ in gaps)
    claim(f"the gaps of seven days ({gaps[0][1]} of them) take at most {GAPS_S_MAX} s: {seconds:.2f} s",
          holds=seconds <= GAPS_S_MAX)


def _posts() -> Iterator[tuple[str, Role, str]]:
    """The posts of the demo town, then those of an invented city, without end."""
    for area in (*areas.all_on(Layer.GRID), *areas.all_on(Layer.BEAT)):
        yield (area.code, Role.GRID_MANAGER, "") if area.layer is Layer.GRID else (area.code, Role.OFFICER, "traffic")
    for district, street, community, grid in product(range(1, 90), range(1, 30), range(1, 10), range(1, 10)):
        yield f"3602{district:02}{street:03}{community:03}{grid:03}", Role.GRID_MANAGER, ""


def _people() -> None:
    """Everybody with a role, shifts, leave and open dispatches: written in bulk, as the database keeps them."""
    assert not areas.import_areas(town.collection()).findings
    now, ids = clock.now(), [new_id() for _ in range(RESPONDERS)]
    posts = [post for post in islice(_posts(), RESPONDERS // PER_POST) for _ in range(PER_POST)]
    _write(Account, [{"id": id, "phone": f"+8613{number:09}", "name": f"人员{number}", "created_at": now}
                     for number, id in enumerate(ids)])
    held = [{"id": new_id(), "account_id": id, "area_code": area, "role": role, "kind": kind}
            for id, (area, role, kind) in zip(ids, posts, strict=True)]
    _write(RoleHeld, held)
    _write(RosterEntry, [
        {**each, "id": new_id(), "step": Step.DEPUTY if number % PER_POST == 3 else Step.HOLDER, "shift": shift,
         "weekdays": 127, "begins_minute": begins, "ends_minute": ends, "from_on": date(2026, 1, 1), "to_on": None}
        for number, each in enumerate(held) for shift, begins, ends in (("白班", 480, 1080), ("夜班", 1080, 480))])
    _write(Leave, [{"id": new_id(), "account_id": id, "begins_at": now, "ends_at": now + timedelta(days=2), "note": "",
                    "entered_by_id": id, "entered_at": now} for id in ids[::20]])
    fill(1, OPEN)
    cases = list(db.session.execute(text("SELECT id FROM case_file")).scalars())
    _write(Dispatch, [_dispatch(case, ids[number % RESPONDERS], posts[number % RESPONDERS], now)
                      for number, case in enumerate(cases)])
    assert len(cases) == db.session.query(Case).count()
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def _dispatch(case: UUID, responder: UUID, post: tuple[str, Role, str], now: object) -> dict[str, object]:
    area, role, kind = post
    return {"id": new_id(), "case_id": case, "round": 1, "part": "lead", "role": role, "kind": kind or None,
            "area_code": area, "responder_id": responder, "explanation": {}, "pushed_at": now, "rung": 0}


def _write(model: type, rows: list[dict[str, object]]) -> None:
    db.session.execute(insert(model), rows)
    db.session.commit()


def _decide(chance: Random) -> tuple[float, float, float]:
    """Milliseconds: a decision at p50 and p95, and the floor at p95, taken in turns."""
    took: list[float] = []
    floor: list[float] = []
    for _ in range(DECISIONS):
        place = {"longitude": chance.uniform(WEST, EAST), "latitude": chance.uniform(SOUTH, NORTH)}
        began = time.perf_counter()
        decision = routing.choose(category="fire_lane", condition="occupied", workload=open_dispatches, **place)
        took.append((time.perf_counter() - began) * 1000)
        assert len(decision.parts) == 2
        began = time.perf_counter()
        for _ in range(QUESTIONS):
            db.session.execute(text("SELECT 1")).scalar()
        floor.append((time.perf_counter() - began) * 1000)
        let_go()
    return percentile(took, 50), percentile(took, 95), percentile(floor, 95)


def _gaps() -> tuple[float, int]:
    began = time.perf_counter()
    found = len(routing.roster_gaps())
    db.session.rollback()
    return time.perf_counter() - began, found
