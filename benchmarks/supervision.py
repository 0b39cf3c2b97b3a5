"""How long supervisors wait for what needs somebody now, and for maps, among a million cases, a fiftieth of them open.

The cases are those of `figures`; the open ones get responders, of whom half have seen them, and one in
twenty went to and fro. A supervisor of the city asks, one of its fullest street and one of a community in that; and the
largest answers are asked for over HTTP.
"""

import argparse
import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from secrets import randbelow

import numpy as np
from flask import Flask
from sqlalchemy import text

from benchmarks.figures import CITY, installation, timed, write
from benchmarks.telling import claim
from incident_service import accounts
from incident_service.accounts import Grant, Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.supervision import live, places
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.overdue import overdue
from incident_service.supervision.periods import Period
from incident_service.supervision.rate_table import rates_called
from incident_service.supervision.rates import rates_of
from incident_service.supervision.response_times import compared, figures_of
from incident_service.supervision.scope import Scope
from tests.factories import Phone

CASES, RESPONDERS, PAGE, P95_MS_MAX = 1_000_000, 200, 50, 500
NOW = datetime(2025, 12, 31, 16, tzinfo=UTC)        # the end of the cases' year
SPANS = (30, 90, 365)
BELOW = {"a street": Scope(["360101001"]), "a community": Scope(["360101001001"])}
OVER_HTTP = {"hexagons of 31 days": "heatmap?from=2025-12-01&to=2026-01-01",
             "31 days by grid": "response-times?from=2025-12-01&to=2026-01-01&group_by=area:grid",
             "spots of 92 days": "recurring-spots?from=2025-10-01&to=2026-01-01"}
DISPATCHES = """INSERT INTO dispatch (id, case_id, round, part, role, area_code, responder_id, explanation, opened_at,
        pushed_at, seen_at, rung)
    SELECT {id}, case_file.id, 1, 'lead', 'officer', area_code, (SELECT id FROM account WHERE phone = {phone}), '{{}}',
        opened_at, pushed_at, CASE WHEN {chance} < 50 THEN pushed_at END, 0
    FROM case_file WHERE status = 'accepted'"""
EVENTS = """INSERT INTO case_event (id, case_id, sequence, at, move, status_after, note, details)
    SELECT {old_id}, id, 1000 + turn, opened_at, 'return', 'dispatching', '', '{{}}'
    FROM case_file, (SELECT 1 AS turn UNION SELECT 2) AS turns WHERE status = 'accepted' AND {chance} < 5"""
WORDS = {"postgresql": {"id": "gen_random_uuid()", "old_id": "('00' || substr(gen_random_uuid()::text, 3))::uuid",
                        "chance": "abs(hashtext(number)) % 100",
                        "phone": f"'+861390003' || lpad((abs(hashtext(number)) % {RESPONDERS})::text, 4, '0')"},
         "sqlite": {"id": "lower(hex(randomblob(16)))", "old_id": "'00' || lower(hex(randomblob(15)))",
                    "chance": "(case_file.rowid * 7919) % 100",
                    "phone": f"'+861390003' || printf('%04d', case_file.rowid % {RESPONDERS})"}}


def questions(app: Flask) -> dict[str, Callable[[], object]]:
    """What supervisors ask."""
    by = accounts.find(accounts.add_person(f"+861390004{randbelow(10**4):04}", "督查员", roles=[
        Grant(Role.SUPERVISOR, "3601")]).id)
    phone = Phone(app.test_client(), by)
    return {
        "overdue": lambda: overdue(by=by, limit=PAGE),
        "soon due": lambda: live.soon_due(CITY, minutes=120, limit=PAGE),
        "seen by nobody": lambda: live.unseen(CITY, limit=PAGE),
        "to and fro": lambda: live.to_and_fro(CITY, limit=PAGE),
        "who holds what": lambda: live.holding(CITY),
        "backlog by age": lambda: live.backlog(CITY),
        "gaps in the roster": lambda: live.roster_gaps(CITY),
        **{f"hexagons of {days} days": lambda days=days: places.heatmap(                            # type: ignore[misc]
            CITY, last(days), Filters(), resolution=9) for days in SPANS},
        **{f"recurring spots of {days} days": lambda days=days: places.recurring_spots(             # type: ignore[misc]
            CITY, last(days), Filters()) for days in SPANS},
        **{f"{days} days by grid": lambda days=days: figures_of(                                    # type: ignore[misc]
            CITY, last(days), group_by=GroupBy.GRID) for days in SPANS},
        **{f"over HTTP: {name}": lambda asked=asked: phone.get(f"/supervision/{asked}")             # type: ignore[misc]
           for name, asked in OVER_HTTP.items()},
        **{f"{name}: {question}": lambda ask=ask, scope=scope: ask(scope)                           # type: ignore[misc]
           for name, scope in BELOW.items() for question, ask in ASKED_BELOW.items()}}


def last(days: int) -> Period:
    """The days before now."""
    return Period(NOW - timedelta(days), NOW)


ASKED_BELOW: dict[str, Callable[[Scope], object]] = {
    "a year, all in one": lambda scope: figures_of(scope, last(365)),
    "a year by grid": lambda scope: figures_of(scope, last(365), group_by=GroupBy.GRID),
    "a year by hour": lambda scope: figures_of(scope, last(365), group_by=GroupBy.HOUR),
    "30 days beside others": lambda scope: compared(scope, last(30), group_by=GroupBy.CATEGORY),
    "rates of 30 days": lambda scope: rates_of(scope, last(30), rates_called("")),
    "hexagons of 90 days": lambda scope: places.heatmap(scope, last(90), Filters(), resolution=9),
    "recurring spots of 90 days": lambda scope: places.recurring_spots(scope, last(90), Filters()),
    "seen by nobody": lambda scope: live.unseen(scope, limit=PAGE),
    "to and fro": lambda scope: live.to_and_fro(scope, limit=PAGE),
    "who holds what": live.holding, "backlog by age": live.backlog}


def give() -> None:
    """Give the open cases to people, unless that was done before."""
    if db.session.scalar(text("SELECT count(*) FROM dispatch")):
        return
    for number in range(RESPONDERS):
        accounts.add_person(f"+861390003{number:04}", f"队员{number}", roles=[])
    db.session.rollback()
    words = WORDS[db.engine.dialect.name]
    with db.engine.begin() as connection:
        connection.execute(text(DISPATCHES.format(**words)))
        connection.execute(text(EVENTS.format(**words)))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def run(repeats: int = 3, *, cases: int = CASES, kind: str = "postgresql", url: str | None = None) -> None:
    """Make the cases unless they are there, and ask."""
    with installation(kind, url) as app:
        if not db.session.scalar(text("SELECT count(*) FROM figure_day")):
            db.session.rollback()
            write(cases)
        give()
        gc.collect()
        gc.freeze()                                     # as the processes of an installation do
        with clock.stopped(NOW):
            for name, ask in questions(app).items():
                p50, p95 = np.percentile(timed(ask, 4 * repeats), (50, 95))
                claim(f"{name:38} p50 {p50:7.1f} ms, p95 {p95:7.1f} ms (at most {P95_MS_MAX})",
                      holds=bool(p95 <= P95_MS_MAX))
                db.session.rollback()


def main() -> None:
    """Print the figures asked for."""
    options = argparse.ArgumentParser()
    options.add_argument("--database", default="postgresql", choices=("postgresql", "sqlite"))
    options.add_argument("--url", help="of an empty database, or one that `figures` or this has written to before")
    options.add_argument("--repeats", type=int, default=3)
    wanted = options.parse_args()
    run(wanted.repeats, kind=wanted.database, url=wanted.url)


if __name__ == "__main__":
    main()
