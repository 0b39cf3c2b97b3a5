"""One verb, one transaction; what is inside another joins it."""

import pytest
from sqlalchemy import event, func, insert, select

from config.jobs import JOBS
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.outbox import Promise, enqueue
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.transaction import for_update, let_go, transaction, unit_of_work

JOB = next(iter(JOBS))


def a_promise() -> Promise:
    return Promise(job=JOB, arguments={}, request_id="", due_at=clock.now())


def promises() -> int:
    return db.session.scalar(select(func.count(Promise.id)))


def test_all_of_the_block_or_nothing(app):
    with pytest.raises(ZeroDivisionError), transaction():
        enqueue(JOB)
        raise ZeroDivisionError
    assert promises() == 0


def test_a_verb_inside_another_joins_it(app):
    with pytest.raises(ZeroDivisionError), transaction():
        with transaction():
            enqueue(JOB)
        raise ZeroDivisionError
    assert promises() == 0


def test_an_error_swallowed_in_between_does_not_commit_half(app):
    with pytest.raises(RuntimeError), transaction():
        try:
            with transaction():
                enqueue(JOB)
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    assert promises() == 0


def test_a_later_commit_takes_the_verb_with_it(app):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        with transaction():
            enqueue(JOB)
        raise ZeroDivisionError
    assert promises() == 0


def test_what_was_promised_is_called_after_the_commit_only(app):
    called = []
    with transaction() as unit:
        unit.after_commit.append(lambda: called.append(promises()))
        enqueue(JOB)
        assert called == []
    assert called == [1]


def test_a_promise_and_a_lock_are_refused_outside(app):
    with pytest.raises(RuntimeError):
        enqueue(JOB)
    with pytest.raises(RuntimeError):
        for_update(select(Promise))


def test_a_row_changed_outside_a_transaction_is_noticed(app):
    with transaction():
        enqueue(JOB)
    db.session.scalars(select(Promise)).one().attempts = 7
    with pytest.raises(RuntimeError), transaction():
        pass


def test_a_job_that_is_not_in_the_register_is_refused(app):
    with pytest.raises(LookupError), transaction():
        enqueue("os.system")


def test_sqlite_survives_a_power_cut(app):
    """The suite runs with synchronous=OFF; the setting's own default is FULL (2)."""
    from sqlalchemy import create_engine, text

    from incident_service.foundation.database import teach_sqlite

    engine = create_engine("sqlite://")
    teach_sqlite(engine, synchronous="FULL")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    engine.dispose()


def test_what_was_only_read_ends_without_making_the_driver_forget_what_it_prepared(app):
    """psycopg drops its prepared statements at a rollback, and PostgreSQL would parse and plan each of them again."""
    ended = []
    listeners = {name: lambda _connection, name=name: ended.append(name) for name in ("commit", "rollback")}
    for name, listener in listeners.items():
        event.listen(db.engine, name, listener)
    try:
        with app.app_context():
            db.session.execute(select(1))
        db.session.execute(select(1))
        let_go()
    finally:
        for name, listener in listeners.items():
            event.remove(db.engine, name, listener)
    assert ended == ["commit", "commit"]


def by_flushing() -> None:
    db.session.add(a_promise())
    db.session.flush()


def by_a_statement() -> None:
    db.session.execute(insert(Promise).values(id=new_id(), job=JOB, arguments={}, request_id="", due_at=clock.now()))


STRAYS = [lambda: db.session.add(a_promise()), by_flushing, by_a_statement]


@pytest.mark.parametrize("write", STRAYS, ids=["added", "flushed", "stated"])
def test_what_was_changed_outside_a_transaction_is_not_kept_at_the_end(app, write):
    with app.app_context():
        write()
    assert promises() == 0


@pytest.mark.parametrize("write", STRAYS, ids=["added", "flushed", "stated"])
def test_what_was_changed_outside_a_transaction_is_noticed_by_whatever_ends_reading(app, write):
    for ending in (let_go, transaction().__enter__, snapshot().__enter__):
        write()
        with pytest.raises(RuntimeError, match="outside a transaction"):
            ending()
        db.session.rollback()
    let_go()
    assert promises() == 0


def test_one_moment_is_not_read_inside_a_transaction(app):
    with transaction(), pytest.raises(RuntimeError), snapshot():
        pass


def test_what_comes_too_late_for_its_batch_is_refused(app):
    """It would be in the list and never be written."""
    with pytest.raises(RuntimeError, match="promises"), transaction() as unit:
        enqueue(JOB)
        unit.before_commit.append(lambda: enqueue(JOB))
    assert promises() == 0


def test_all_promises_of_a_transaction_are_written_as_its_last_thing(app):
    with transaction():
        enqueue(JOB, case_id="1")
        with transaction():
            enqueue(JOB, case_id="2")
        assert promises() == 0
    assert db.session.scalars(select(Promise.arguments).order_by(Promise.id)).all() == [
        {"case_id": "1"}, {"case_id": "2"}]
