"""Rows mean the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import StatementError

from incident_service.foundation.database import db, new_id
from incident_service.foundation.idempotency import IdempotentRequest
from incident_service.foundation.inserting import insert_row
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import transaction

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TABLE = IdempotentRequest.__table__
ASKED = Question(select(TABLE.c.created_at, TABLE.c.status).where(TABLE.c.created_at == bindparam("at")))


def a_row(**values):
    return {"id": new_id(), "account_id": new_id(), "route": "r", "key": "k", "content_digest": "d",
            "created_at": NOON} | values


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_said_in(app):
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    with transaction():
        db.session.add(IdempotentRequest(**a_row(created_at=shanghai)))
    db.session.expire_all()
    kept = db.session.scalars(db.select(IdempotentRequest.created_at)).one()
    assert (kept, kept.tzinfo) == (NOON, UTC)


def test_a_moment_that_does_not_say_its_zone_is_refused(app):
    with pytest.raises(StatementError), transaction():
        db.session.add(IdempotentRequest(**a_row(created_at=datetime(2026, 11, 20, 12))))      # noqa: DTZ001


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_a_transaction_sees_what_is_committed_whatever_the_server_is_set_to(app):
    """It goes on after what was read before it began: under another isolation it would write over what it never saw."""
    name = db.session.scalar(text("SELECT current_database()"))
    db.session.rollback()
    try:
        set_to(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
        assert db.session.scalar(text("SHOW transaction_isolation")) == "read committed"
        db.session.rollback()
    finally:
        set_to(f"ALTER DATABASE {name} RESET default_transaction_isolation")


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_scattered_rows_count_as_memory_and_ssd_give_them(app):
    """Else a table is read whole while it is small, and by the same plan once it has grown."""
    assert db.session.scalar(text("SHOW random_page_cost")) == "1.1"


def test_a_moment_is_the_same_to_a_ready_statement(app):
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    with transaction():
        insert_row(TABLE, **a_row(created_at=shanghai, status=None, headers=None, body=None))
        assert ASKED.ask(at=shanghai) == [(NOON, None)]
    with pytest.raises(ValueError, match="which zone"):
        ASKED.ask(at=datetime(2026, 11, 20, 12))                                                # noqa: DTZ001


def set_to(statement):
    """Change the server's settings; connections made from now on go by them."""
    with db.engine.begin() as connection:
        connection.execute(text(statement))
    db.engine.dispose()
