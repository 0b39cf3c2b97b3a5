"""Exactly one: of the schedulers that run on one database, the one that may act."""

import fcntl
import os
from pathlib import Path
from typing import Protocol

import structlog
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from incident_service.foundation.database import db

ADVISORY_KEY = 0x1C1DE27                        # any number, the same for ever
KEEPALIVE = {"idle": 5, "interval": 2, "count": 3}  # a machine that lost its power loses the lock in eleven seconds
log = structlog.get_logger(__name__)


class Leadership(Protocol):
    """Something one process at a time can hold."""

    def is_ours(self) -> bool:
        """Whether it is ours now, taken in this moment if it was free."""
        ...


def leadership_of(app: Flask) -> Leadership:
    """The lock that fits the database: PostgreSQL's own, or for SQLite, which one machine has, a file."""
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            return InDatabase(db.engine)
    return InFile(app.config["RUN_DIR"] / "scheduler.lock")


class InFile:
    """A lock on a file. The kernel gives it back when its holder dies."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)

    def is_ours(self) -> bool:
        """Whether it is ours now; asking for what we hold changes nothing."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)


class InDatabase:
    """A lock in PostgreSQL that lives as long as its connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._is_held = False

    def is_ours(self) -> bool:
        """Whether it is ours now, asked of the database itself: a broken connection has lost it."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                for name, value in KEEPALIVE.items():
                    self._connection.execute(text(f"SET tcp_keepalives_{name} = {value}"))
            question = "SELECT true" if self._is_held else f"SELECT pg_try_advisory_lock({ADVISORY_KEY})"
            self._is_held = bool(self._connection.scalar(text(question)))
        except SQLAlchemyError as error:
            if self._is_held:
                log.warning("leadership-lost", error=str(error.__cause__ or error))
            self.close()
        return self._is_held

    def close(self) -> None:
        """Give it back, with the connection it lived on."""
        self._is_held = False
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
