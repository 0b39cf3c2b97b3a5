"""Several statements in one breath: what is prepared, what fails, what is interrupted, and what goes on meanwhile."""

import gc
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest
from sqlalchemy import (
    Integer,
    NullPool,
    String,
    bindparam,
    column,
    create_engine,
    delete,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError, NotSupportedError

from incident_service.foundation import pipeline
from incident_service.foundation.database import db, new_id
from incident_service.foundation.idempotency import IdempotentRequest
from incident_service.foundation.ready import Question, begin_what_waits
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.transaction import let_go, transaction
from tests.foundation.test_ready import ADD, AMONG, WHOLE, a_row, kept

only_postgresql = pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
SLEEP = Question(select(func.pg_sleep(3)))              # which the server does to its end, whoever is gone


def names():
    """Of all statements that are prepared in this connection by the pipeline."""
    return set(db.session.scalars(text(pipeline.THERE)))


def saying(number):
    """A statement of its own for each number."""
    return Question(select(literal_column(f"{number}", Integer)))


@pytest.fixture(autouse=True)
def one_connection(app):
    """Have the pool begin anew: where others have left several in it, each transaction may have another one."""
    let_go()
    db.engine.dispose()


@pytest.fixture(params=["no statement", "some statements"])
def drivers_own(request, app, one_connection):
    """What the driver has prepared itself, and lets go of when it rolls back, together with what anybody else has."""
    for _ in range(6 if request.param == "some statements" else 0):
        db.session.scalar(select(literal_column("1")))
    let_go()


@only_postgresql
def test_what_the_driver_lets_go_of_at_a_rollback_is_prepared_anew(app, drivers_own):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), transaction():
            ADD.make(**a_row())
            raise ZeroDivisionError
        assert WHOLE.ask(wanted="k") == []
        with transaction():
            ADD.make_along(**a_row(key="before"))
            with pytest.raises(ZeroDivisionError), db.session.begin_nested():
                ADD.make(**a_row(key="within"))
                raise ZeroDivisionError
            assert AMONG.ask(keys=["before", "within"], on="r") == [("before", 200)]
            db.session.execute(delete(IdempotentRequest.__table__))
            let = WHOLE.ask_along(wanted="before")
            begin_what_waits()
        assert let.rows == []


@only_postgresql
def test_what_is_prepared_outlives_a_rollback_where_the_driver_has_nothing_to_let_go_of(app):
    with pytest.raises(ZeroDivisionError), transaction():
        WHOLE.ask(wanted="k")
        raise ZeroDivisionError
    before = names()
    assert before and WHOLE.ask(wanted="k") == [] and names() == before


@only_postgresql
def test_no_more_are_prepared_than_the_server_is_to_keep(app, monkeypatch):
    monkeypatch.setattr(pipeline, "PREPARED_MAX", 3)
    asked = [saying(number) for number in range(8)]
    for _ in range(2):
        answers = [each.ask_along() for each in asked]
        assert [row for each in answers for row, in each.rows] == list(range(8))
    assert len(names()) == 3


@only_postgresql
def test_what_stood_behind_a_failure_is_prepared_when_it_is_next_asked(app):
    before, failing, behind = saying(1), Question(select(literal_column("1 / 0", Integer))), saying(3)
    for _ in range(2):
        with pytest.raises(DataError), transaction():
            for each in (before, failing, behind):
                each.ask_along()
    db.session.rollback()
    assert (before.ask(), behind.ask()) == ([(1,)], [(3,)])


@pytest.mark.parametrize("values", [(1, 40_000, 2 ** 31 - 1, None, 1), (None, 1)])
def test_one_statement_takes_values_of_every_size(app, values):
    same = Question(select(bindparam("value", type_=IdempotentRequest.status.type)))
    assert [same.ask(value=value) for value in values] == [[(value,)] for value in values]


@only_postgresql
def test_a_failure_is_followed_by_another_transaction_on_the_same_connection(app, drivers_own):
    row = kept(a_row())
    for _ in range(2):
        with pytest.raises(IntegrityError), transaction():
            ADD.make_along(**row)
            WHOLE.ask(wanted="k")
    kept(a_row(key="other"))
    assert len(AMONG.ask(keys=["k", "other"], on="r")) == 2


@only_postgresql
def test_a_failure_of_the_commit_is_followed_by_another_transaction_too(app, drivers_own):
    """Nobody but the pool rolls it back, which says nothing of it."""
    row = kept(a_row())
    with pytest.raises(IntegrityError), transaction():
        ADD.make_along(**row)
    assert len(WHOLE.ask(wanted="k")) == 1
    kept(a_row(key="other"))


class Interrupted(BaseException):
    """Raised in the middle of a wait, as when a job has taken too long."""


@only_postgresql
def test_whoever_is_interrupted_leaves_no_half_answered_connection(app):
    def interrupt(*_):
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(Interrupted), transaction():
            ADD.make_along(**a_row())
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            SLEEP.ask()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert WHOLE.ask(wanted="k") == []


@only_postgresql
def test_a_transaction_begins_as_it_was_ordered(app):
    level, writes = (Question(select(func.current_setting(name, type_=String))) for name in (
        "transaction_isolation", "transaction_read_only"))
    with snapshot():
        assert (level.ask(), writes.ask()) == ([("repeatable read",)], [("on",)])
    assert (level.ask(), writes.ask()) == ([("read committed",)], [("off",)])


@pytest.fixture(params=["nothing", "a question", "a statement of another kind", "a savepoint", "more of them"])
def comes_next(request):
    def savepoint():
        with db.session.begin_nested():
            ADD.make(**a_row(key="within"))

    return {"nothing": lambda: None, "a question": lambda: WHOLE.ask(wanted="k"), "a savepoint": savepoint,
            "a statement of another kind": lambda: db.session.scalar(select(literal_column("1"))),
            "more of them": lambda: (ADD.make_along(**a_row(key="more")), begin_what_waits())}[request.param]


def test_what_was_begun_is_there_whatever_comes_next(app, comes_next):
    with transaction():
        ADD.make_along(**a_row())
        asked = WHOLE.ask_along(wanted="k")
        begin_what_waits()
        comes_next()
        assert len(asked.rows) == 1
        comes_next_again = WHOLE.ask_along(wanted="k")
    assert len(comes_next_again.rows) == 1
    assert AMONG.ask(keys=["k"], on="r") == [("k", 200)]


def test_what_was_begun_and_fails_fails_the_transaction(app, comes_next):
    row = kept(a_row(content_digest="only-known-here"))
    with pytest.raises(IntegrityError) as caught, transaction():
        ADD.make_along(**a_row(key="other"))
        ADD.make_along(**row)
        begin_what_waits()
        comes_next()
    assert "only-known-here" not in str(caught.value)
    assert AMONG.ask(keys=["k", "other", "more", "within"], on="r") == [("k", 200)]


def test_what_was_begun_is_undone_with_its_transaction(app):
    with pytest.raises(ZeroDivisionError), transaction():
        ADD.make_along(**a_row())
        begin_what_waits()
        raise ZeroDivisionError
    kept(a_row(key="next"))
    assert AMONG.ask(keys=["k", "next"], on="r") == [("next", 200)]


def test_what_was_begun_while_reading_is_let_go_with_it(app):
    WHOLE.ask_along(wanted="k")
    begin_what_waits()
    let_go()
    WHOLE.ask_along(wanted="k")
    begin_what_waits()
    db.session.remove()
    gc.collect()
    kept(a_row())
    assert len(WHOLE.ask(wanted="k")) == 1


def test_to_begin_when_nothing_waits_does_nothing(app):
    begin_what_waits()
    with transaction():
        begin_what_waits()
        ADD.make(**a_row())
        begin_what_waits()
    begin_what_waits()
    assert len(WHOLE.ask(wanted="k")) == 1


@only_postgresql
@pytest.mark.parametrize("is_swallowed", [True, False])
def test_what_cannot_be_sent_ends_what_was_begun_before_it(app, is_swallowed):
    with pytest.raises((RuntimeError, DataError)), transaction():
        ADD.make_along(**a_row())
        begin_what_waits()
        ADD.make_along(**a_row(key="a NUL\x00"))
        if is_swallowed:
            with suppress(DataError):
                WHOLE.ask(wanted="k")
            assert db.session.scalar(select(bindparam("one", 1, type_=Integer))) == 1
    assert (WHOLE.ask(wanted="k"), db.session.scalar(select(bindparam("two", 2, type_=Integer)))) == ([], 2)


@only_postgresql
def test_what_the_server_cannot_make_any_more_is_prepared_anew(app, drivers_own):
    changing = f"changing_{new_id().hex}"           # words of its own: the connection has served others before
    # as migrations are made: where it alters or drops something, the driver lets go of what is prepared there
    elsewhere = create_engine(db.engine.url, poolclass=NullPool)
    with elsewhere.begin() as other:
        other.execute(text(f"CREATE TABLE {changing} (word varchar(10))"))
    try:
        asking = Question(select(column("word", String)).select_from(table(changing)))
        for _ in range(2):
            assert asking.ask() == []
        let_go()                                        # at a rollback the driver might let go of it
        with elsewhere.begin() as other:
            other.execute(text(f"ALTER TABLE {changing} ALTER COLUMN word TYPE text"))
        with pytest.raises(NotSupportedError):
            asking.ask()
        db.session.rollback()
        assert asking.ask() == []
    finally:
        db.session.rollback()
        with elsewhere.begin() as other:
            other.execute(text(f"DROP TABLE {changing}"))


@only_postgresql
def test_a_reader_ends_nothing_that_somebody_else_has_begun_in_the_connection_it_had(app):
    WHOLE.ask(wanted="k")
    mine = db.session.connection().connection.driver_connection
    let_go()

    def write():
        with app.app_context(), transaction():
            ADD.make_along(**a_row())
            asked = WHOLE.ask_along(wanted="k")
            begin_what_waits()
            begun.set()
            assert ended.wait(10)
            theirs = db.session.connection().connection.driver_connection
            return theirs, len(asked.rows)

    begun, ended = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        assert begun.wait(10)
        let_go()                                        # with the way of a transaction that is over
        ended.set()
        assert written.result() == (mine, 1)
