"""What is inserted at once is there as the session itself would have written it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_new
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction

AT = datetime(2026, 11, 29, tzinfo=UTC)


def a_promise(**more: object) -> Promise:
    return Promise(**{"id": new_id(), "job": "workers.supervision.fold", "arguments": {}, "request_id": "r",
                      "due_at": AT, **more})


def test_objects_inserted_at_once_have_their_defaults_and_are_the_sessions(app):
    one, tried, other = a_promise(), a_promise(attempts=3, last_error="x"), a_promise()
    with transaction():
        insert_new([one, tried, other])
        assert (one.attempts, one.failed_at, tried.attempts) == (0, None, 3)
        assert one.created_at.tzinfo is not None
        assert db.session.get(Promise, one.id) is one
        one.attempts = 7
    db.session.expunge_all()
    kept = {each.id: (each.attempts, each.last_error, each.failed_at) for each in db.session.scalars(select(Promise))}
    assert kept == {one.id: (7, None, None), tried.id: (3, "x", None), other.id: (0, None, None)}


def test_what_cannot_be_inserted_undoes_all_at_the_latest_with_the_commit(app):
    there = a_promise()
    with transaction():
        insert_new([there])
    db.session.expunge_all()
    with pytest.raises(IntegrityError), transaction():
        insert_new([a_promise(), a_promise(id=there.id)])
    assert db.session.scalars(select(Promise.id)).all() == [there.id]


def test_nothing_is_inserted_outside_a_transaction(app):
    with pytest.raises(RuntimeError):
        insert_new([a_promise()])
