"""Reading the service's database from outside, beside the service, with as little as the driver needs."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

OWED = "SELECT count(*) FROM promise WHERE failed_at IS NULL"
FAILED = "SELECT count(*) FROM promise WHERE failed_at IS NOT NULL"
DRAIN_S_MAX = 300


class Reader:
    """A connection that sees what is committed. `?` stands for a value, on either database."""

    def __init__(self, connection: Any, mark: str) -> None:
        self._connection, self._mark = connection, mark

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Every row of the answer."""
        return list(self._connection.execute(question.replace("?", self._mark), values).fetchall())

    def number(self, question: str, *values: object) -> int:
        """The one number that is the answer."""
        return int(self.rows(question, *values)[0][0])

    def wait_until_nothing_is_owed(self) -> float:
        """Wait until every promised job is done; how many seconds that took. Raises RuntimeError for a failed one."""
        began = time.monotonic()
        while self.number(OWED):
            if time.monotonic() - began > DRAIN_S_MAX:
                raise RuntimeError(f"{self.number(OWED)} jobs are still owed after {DRAIN_S_MAX} s.")
            time.sleep(0.05)
        if failed := self.number(FAILED):
            raise RuntimeError(f"{failed} jobs failed for good.")
        return time.monotonic() - began


@contextmanager
def reader(url: str) -> Iterator[Reader]:
    """Read the database at `url`."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        file = sqlite3.connect(f"file:{address.database}?mode=ro", uri=True, timeout=10, isolation_level=None)
        yield Reader(file, "?")
        file.close()
        return
    with psycopg.connect(host=address.query["host"], user=address.username, dbname=address.database,
                         autocommit=True) as connection:
        yield Reader(connection, "%s")
