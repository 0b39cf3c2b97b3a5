"""How long `flask cases import` takes for 100,000 past cases (target: minutes)."""

import csv
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_migrate
import numpy as np
from sqlalchemy import func, select, text

from benchmarks.installations import folder
from incident_service import areas
from incident_service.app import create_app
from incident_service.cases import Case
from incident_service.cases.commands import cases_commands
from incident_service.demo import town
from incident_service.foundation.database import db
from tests.servers.postgres import create_database, start_postgres

ROWS = 100_000
HEADER = ("case_id", "type", "opened", "target", "closed", "lat", "lon")
KINDS = ("Street Light Outages", "Abandoned Vehicles", "Fire Hydrant", "Pothole Repair (Internal)", "Noise")
BEGIN, ON_THE_WALL = datetime(2015, 1, 1, tzinfo=UTC), "%Y-%m-%d %H:%M:%S"


def write_file(path: Path, count: int) -> None:
    """Past cases of a year, most of them in the demo town; some are open, some have no target."""
    chance = np.random.default_rng(7)
    opened = chance.integers(0, 365 * 86_400, count)
    took = chance.lognormal(9, 2, count)
    with path.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out)
        lines.writerow(HEADER)
        for row in range(count):
            at = BEGIN + timedelta(seconds=int(opened[row]))
            due = None if row % 9 == 0 else at + timedelta(days=1)
            closed = None if row % 50 == 0 else at + timedelta(seconds=int(took[row]))
            lines.writerow((f"{row:09}", KINDS[row % len(KINDS)], *(
                each and each.strftime(ON_THE_WALL) for each in (at, due, closed)),
                            28.66 + chance.random() * 0.06, 115.89 + chance.random() * 0.08))


def run(repeats: int = 1, *, rows: int = ROWS) -> None:
    """Import once into an empty database, print how long it took, beside copying the finished rows."""
    del repeats                                     # an import again finds everything there
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        url = create_database(stack.enter_context(start_postgres(place, fsync=True)), "history")
        app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, AREA_AGE_S_MAX=1)
        with app.app_context():
            flask_migrate.upgrade()
            areas.import_areas(town.collection())
            write_file(file := place / "past.csv", rows)
            took_s = _timed(app, file)
            there = db.session.scalar(select(func.count()).select_from(Case))
            db.session.rollback()
            again_s, floor_s = _timed(app, file), _copied()
            print(f"  {there:,} of {rows:,} rows in {took_s:.0f} s, {rows / took_s:,.0f} a second; the same file again,"
                  f" which adds nothing, {again_s:.0f} s; their finished rows copied inside PostgreSQL {floor_s:.1f} s,"
                  f" ratio {took_s / floor_s:.0f}", flush=True)
            db.session.remove()
            db.engine.dispose()


def _timed(app, file: Path) -> float:                                               # type: ignore[no-untyped-def]
    began = time.perf_counter()
    done = app.test_cli_runner().invoke(cases_commands, ["import", str(file), "--timezone", "Asia/Shanghai"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return time.perf_counter() - began


def _copied() -> float:
    """All cases and their histories into tables with the same indexes and constraints."""
    began = time.perf_counter()
    with db.engine.begin() as connection:
        for table in ("case_file", "case_event"):
            connection.execute(text(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)"))
            generated = set(connection.scalars(text(
                f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attgenerated <> ''")))
            kept = ", ".join(f'"{each.name}"' for each in db.metadata.tables[table].columns
                             if each.name not in generated)
            connection.execute(text(f"INSERT INTO copied_{table} ({kept}) SELECT {kept} FROM {table}"))
    return time.perf_counter() - began


if __name__ == "__main__":
    run()
