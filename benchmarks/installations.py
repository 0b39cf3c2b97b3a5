"""What is measured: the service as `make run` starts it, beside a floor served the same way, on either database."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from benchmarks.processes import SERVICE, Running, running
from tests.servers.postgres import create_database, start_postgres

DATABASES = ("PostgreSQL", "SQLite")
OURS = {"DATABASE_URL", "REDIS_URL", "PHOTO_STORE", "HOST", "INCIDENT_ENV"}


@contextmanager
def databases(kind: str, folder: Path, *names: str) -> Iterator[dict[str, str]]:
    """The URL of an empty database for each name, on a server of their own that fsyncs, or in files."""
    if kind == "SQLite":
        yield {name: f"sqlite:///{quote(str(folder))}/{name}/incidents.sqlite3" for name in names}
        return
    with start_postgres(folder, fsync=True) as url:
        yield {name: create_database(url, name) for name in names}


@contextmanager
def service(folder: Path, database: str) -> Iterator[Running]:
    """The whole installation, every setting as it ships but the folder, the database and the port."""
    with running(SERVICE, environment(folder, database), folder.with_suffix(".log")) as installation:
        yield installation


@contextmanager
def floor(kind: str, folder: Path, database: str) -> Iterator[Running]:
    """The floor of this kind (`benchmarks/floor.py`)."""
    command = [sys.executable, "-m", "benchmarks.floor", kind]
    with running(command, environment(folder, database), folder.with_suffix(".log")) as server:
        yield server


def environment(folder: Path, database: str) -> dict[str, str]:
    """The settings of one installation, and none of this process's own that would change them."""
    folder.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"DATA_DIR": str(folder), "DATABASE_URL": database, "PORT": "0"}


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder, gone after the block."""
    with tempfile.TemporaryDirectory(prefix="incident-bench-") as name:
        yield Path(name)
