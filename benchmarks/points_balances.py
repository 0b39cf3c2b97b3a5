"""Reading the ledger when it is long: balances and statement pages among 10,000,000 entries (SQLite: 1,000,000).

A hundred thousand people, one of whom has one entry in a hundred. The rows are made by the database itself; the totals
beside them are compared with them afterwards, as `flask points reconcile` does.
"""

import time
from collections.abc import Callable, Sequence
from random import Random
from uuid import UUID

from flask import Flask
from sqlalchemy import Connection, insert, text

from benchmarks.installations import DATABASES, databases, folder
from benchmarks.telling import claim, percentile, table
from incident_service import points
from incident_service.accounts import Account
from incident_service.app import create_app
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.points.ledger import Purse, purse_of
from incident_service.points.models import Holder, PointsAccount, Transfer

PEOPLE, ENTRIES = 100_000, {"PostgreSQL": 10_000_000, "SQLite": 1_000_000}
QUESTIONS = 400
BALANCE_MS_MAX, PAGE_MS_MAX = 5.0, 20.0
COLUMNS = ("id, from_id, to_id, amount, reason, reference, explanation_zh, explanation_en, at, settles_at, "
           "corrects_id, place, tariff")
WORDS = "'消防通道占用 · 首报', 'Fire lane blocked · first report'"
MADE = {                                            # entry n goes to person n, or, one in a hundred, to the first one
    "PostgreSQL": """
        INSERT INTO points_transfer ({columns})
        SELECT lpad(to_hex(n), 32, '0')::uuid, :fund, person.id, 10, 'first_report', n || '/1', {words},
               now() - interval '400 days' + n * (interval '400 days' / {entries}), NULL, NULL, NULL, '2026-1'
        FROM generate_series(1, {entries}) AS n
        JOIN person ON person.number = CASE WHEN n % 100 = 0 THEN 0 ELSE n % {people} END""",
    "SQLite": """
        INSERT INTO points_transfer ({columns})
        WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {entries})
        SELECT printf('%032x', n), :fund, person.id, 10, 'first_report', n || '/1', {words},
               strftime('%Y-%m-%d %H:%M:%f000', 'now', '-400 days', '+' || (n * 34560000.0 / {entries}) || ' seconds'),
               NULL, NULL, NULL, '2026-1'
        FROM counted JOIN person ON person.number = CASE WHEN n % 100 = 0 THEN 0 ELSE n % {people} END""",
}
QUICKLY = (                                         # what would look up ten million rows one by one comes afterwards
    "SET LOCAL session_replication_role = replica", "SET LOCAL maintenance_work_mem = '512MB'",
    "ALTER TABLE points_transfer DROP CONSTRAINT uq_points_transfer_reason_reference_to_id")
AS_IT_WAS = ("ALTER TABLE points_transfer ADD CONSTRAINT uq_points_transfer_reason_reference_to_id "
             "UNIQUE (reason, reference, to_id)")
TOTALS = """UPDATE points_account SET total = (SELECT coalesce(sum(amount), 0) FROM points_transfer
            WHERE to_id = points_account.id) WHERE holder = 'person'"""


def run(repeats: int) -> None:
    """Fill both databases and ask."""
    for kind in DATABASES:
        with folder() as place, databases(kind, place, "ledger") as urls:
            (place / "ledger").mkdir(exist_ok=True)
            app = create_app("testing", SQLALCHEMY_DATABASE_URI=urls["ledger"], DATA_DIR=place,
                             SQLITE_SYNCHRONOUS="NORMAL")
            with app.app_context():
                _measure(app, kind, repeats)
                db.session.remove()
                db.engine.dispose()


def _measure(app: Flask, kind: str, repeats: int) -> None:
    began = time.monotonic()
    people = _fill(kind)
    print(f"   {kind}: {ENTRIES[kind]:,} entries of {PEOPLE:,} people, made in {time.monotonic() - began:.0f} s",
          flush=True)
    chance = Random(1)
    some, everybody_s = [chance.choice(people[1:]) for _ in range(QUESTIONS)], people[0]
    rows = []
    for name, ask, asked in (
            ("balance", points.of, some), ("balance, longest account", points.of, [everybody_s] * 50),
            ("first page", _page, some), ("first page, longest account", _page, [everybody_s] * 50)):
        rows.append((name, *_quantiles([_timed(ask, each) for _ in range(repeats) for each in asked])))
    rows.append(("ten pages on, longest account", *_quantiles(_deep_pages(everybody_s))))
    table(("milliseconds", "p50", "p95", "longest"), rows)
    balances, pages = (max(row[2] for row in rows if word in row[0]) for word in ("balance", "page"))
    claim(f"{kind}: a balance {balances:.2f} ms at p95 ≤ {BALANCE_MS_MAX:.0f}", holds=balances <= BALANCE_MS_MAX)
    claim(f"{kind}: a statement page {pages:.2f} ms at p95 ≤ {PAGE_MS_MAX:.0f}", holds=pages <= PAGE_MS_MAX)
    began = time.monotonic()
    faults = points.reconcile().faults
    claim(f"{kind}: all totals are what the entries say ({len(faults)} faults, {time.monotonic() - began:.0f} s)",
          holds=not faults)


def _quantiles(milliseconds: Sequence[float]) -> tuple[float, float, float]:
    return percentile(milliseconds, 50), percentile(milliseconds, 95), max(milliseconds)


def _timed(ask: Callable[..., object], *asked: object) -> float:
    db.session.rollback()
    db.session.expunge_all()
    began = time.perf_counter()
    ask(*asked)
    return (time.perf_counter() - began) * 1000


def _page(person: UUID, cursor: str = "") -> str | None:
    return points.entries_of(person, limit=50, cursor=cursor).next_cursor


def _deep_pages(person: UUID) -> list[float]:
    cursor, taken = "", []
    for _ in range(10):
        taken.append(_timed(_page, person, cursor))
        cursor = _page(person, cursor) or ""
    return taken[1:]


def _fill(kind: str) -> list[UUID]:
    """An installation's tables with so many entries; whose they are."""
    db.create_all()
    db.session.remove()
    people, fund = [new_id() for _ in range(PEOPLE)], Purse(Holder.FUND, "360102001001/2026")
    with db.engine.begin() as connection:
        connection.execute(insert(Account), [
            {"id": id, "name": "", "is_active": True, "created_at": clock.now()} for id in people])
        connection.execute(insert(PointsAccount), [
            {"id": purse.id, "holder": purse.holder, "holder_key": purse.key, "opened_at": clock.now(), "total": None}
            for purse in (fund, *map(purse_of, people))])
        _number(connection, people)
    indexes = list(Transfer.__table__.indexes) if kind == "PostgreSQL" else []
    with db.engine.begin() as connection:
        for statement in QUICKLY if indexes else ():
            connection.execute(text(statement))
        for index in indexes:
            index.drop(connection)
        fill = MADE[kind].format(columns=COLUMNS, words=WORDS, entries=ENTRIES[kind], people=PEOPLE)
        connection.execute(text(fill), {"fund": fund.id if kind == "PostgreSQL" else fund.id.hex})
        for index in indexes:
            index.create(connection)
        connection.execute(text(AS_IT_WAS if indexes else "SELECT 1"))
        connection.execute(text(TOTALS))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if kind == "SQLite" else "VACUUM ANALYZE"))
    return people


def _number(connection: Connection, people: Sequence[UUID]) -> None:
    kind = "CHAR(32)" if db.engine.name == "sqlite" else "uuid"
    connection.execute(text(f"CREATE TABLE person (number integer PRIMARY KEY, id {kind})"))
    connection.execute(text("INSERT INTO person VALUES (:number, :id)"), [
        {"number": number, "id": purse_of(id).id.hex} for number, id in enumerate(people)])
