"""How far the daybook goes, and what it may claim."""

import time
from datetime import UTC, datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, text

from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.transaction import current_unit
from incident_service.supervision.daybook.models import FigureDay, FigureProgress, FigureSum

# Who writes has a transaction's id, and holds a lock on it that every role may see; since when, only its own role may.
# The server's own cleaning has no role, and no history.
WRITERS = text("""
    SELECT clock_timestamp(), min(coalesce(activity.xact_start, '-infinity'::timestamptz)) > '-infinity',
        min(activity.xact_start)
    FROM pg_locks AS held JOIN pg_stat_activity AS activity USING (pid)
    WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
        AND activity.datname = current_database() AND activity.usesysid IS NOT NULL AND held.pid <> pg_backend_pid()""")


def current() -> FigureProgress | None:
    """How far it goes; None when there is nothing, or nothing but days of another zone."""
    found = db.session.get(FigureProgress, 1, populate_existing=True)
    return found if found is not None and found.zone == current_app.config["TIME_ZONE"] else None


def age_s() -> float | None:
    """For how many seconds its moment has passed: what has changed since is read afresh. None when there is none."""
    done = current()
    return None if done is None else max(time.time() - (done.as_of.int >> 80) / 1000, 0.0)


def horizon() -> UUID | None:
    """The moment, as an id, at which the oldest writer began that has not committed yet, or now; None when it cannot be
    known. Must be asked alone, before what it stands for is read. On SQLite whoever asks is the only writer."""
    current_unit()
    if not is_postgresql():
        return id_at(datetime.now(UTC))
    now, is_known, began = db.session.execute(WRITERS).one()
    if is_known is False:
        return None
    return id_at(min(now, began or now))


def id_at(moment: datetime) -> UUID:
    """The least id of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def forget_all() -> None:
    """Throw everything away. Must be called alone."""
    current_unit()
    for model in (FigureDay, FigureSum, FigureProgress):
        db.session.execute(delete(model))
