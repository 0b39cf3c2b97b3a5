"""Reading a long list while others write: everything inside one block is the database of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection

from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.transaction import let_go

_opened: ContextVar[Connection | None] = ContextVar("snapshot", default=None)


@contextmanager
def snapshot() -> Iterator[Connection]:
    """The block reads one moment, whatever is written meanwhile, and writes nothing. Rows read before are let go.

    A block inside another reads the moment of the outer one. Raises RuntimeError inside a transaction.
    """
    outer = _opened.get()
    if outer is not None:
        yield outer
        return
    let_go()
    db.session.expire_all()
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if is_postgresql() else {}
    try:
        connection = db.session.connection(execution_options=options)
        token = _opened.set(connection)
        try:
            yield connection
        finally:
            _opened.reset(token)
    finally:
        db.session.rollback()
