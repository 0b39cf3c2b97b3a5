"""Waiting until PostgreSQL has noticed that a client is dead."""

import time

from incident_service.foundation.database import db


def until_nobody_is_at_it() -> None:
    """PostgreSQL notices a little later that a client is dead; its transaction is then undone."""
    others = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
              "AND state <> 'idle'")
    deadline = time.monotonic() + 10
    while db.session.connection().exec_driver_sql(others).scalar():
        db.session.rollback()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    db.session.rollback()
