"""Reading a long list while others write: everything inside one block is the database of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from incident_service.foundation.database import db, is_postgresql


@contextmanager
def snapshot() -> Iterator[Connection]:
    """The block reads one moment, whatever is written meanwhile, and writes nothing. Rows read before are let go."""
    db.session.rollback()
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if is_postgresql() else {}
    try:
        yield db.session.connection(execution_options=options)
    finally:
        db.session.rollback()
