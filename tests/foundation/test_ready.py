"""What is ready means what it meant: values, transactions, listeners and errors are those of any other statement."""

import gc
from contextlib import suppress
from datetime import UTC, datetime
from weakref import ref

import pytest
from sqlalchemy import bindparam, event, insert, literal_column, select, text, union_all, update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from incident_service.foundation.database import db, is_postgresql, new_id
from incident_service.foundation.idempotency import IdempotentRequest
from incident_service.foundation.inserting import insert_absent_along, insert_if_absent
from incident_service.foundation.outbox import Promise
from incident_service.foundation.pipeline import Pipeline
from incident_service.foundation.ready import WAY, Change, Question
from incident_service.foundation.transaction import let_go, transaction
from incident_service.foundation.way import WAITING_MAX

TABLE = IdempotentRequest.__table__
ADD = Change(insert(TABLE).values({column.key: bindparam(column.key) for column in TABLE.columns}))
WHOLE = Question(select(IdempotentRequest).where(IdempotentRequest.key == bindparam("wanted")))
AMONG = Question(select(IdempotentRequest.key, IdempotentRequest.status)
                 .where(IdempotentRequest.key.in_(bindparam("keys", expanding=True)),
                        IdempotentRequest.route == bindparam("on")).order_by(IdempotentRequest.key))


def a_row(**values):
    return {"id": new_id(), "account_id": new_id(), "route": "r", "key": "k", "content_digest": "d",
            "created_at": datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC), "status": 200,
            "headers": [["ETag", "W/\"1\""], ["甲", None]], "body": b"\x00\xff"} | values


def kept(row):
    with transaction():
        ADD.make(**row)
    return row


def inserted(rows):
    """Those of these that are there afterwards."""
    insert_absent_along(TABLE, rows)
    there = set(db.session.scalars(select(TABLE.c.id)))
    return [row["id"] for row in rows if row["id"] in there]


@pytest.mark.parametrize("empty", [{}, {"status": None, "headers": None, "body": None}])
def test_what_is_written_comes_back_and_is_what_the_session_reads(app, empty):
    row = kept(a_row(**empty))
    (found,), = WHOLE.ask(wanted="k")
    assert {name: getattr(found, name) for name in row} == row
    assert {name: getattr(db.session.get(IdempotentRequest, row["id"]), name) for name in row} == row


def test_lists_may_have_any_length_each_time(app):
    for key in "abc":
        kept(a_row(key=key, status=ord(key)))
    for keys in ("ab", "c", "", "abc", "ba"):
        assert AMONG.ask(keys=list(keys), on="r") == [(key, ord(key)) for key in sorted(keys)]
    assert [row.status for row in AMONG.ask(keys=["c"], on="r")] == [99]


def test_a_union_and_a_constant_are_asked_like_any_other(app):
    row = kept(a_row())
    both = Question(union_all(*(select(literal_column(n), TABLE.c.account_id).where(TABLE.c.key == bindparam("wanted"))
                                for n in ("1", "2"))))
    assert sorted(both.ask(wanted="k")) == [(1, row["account_id"]), (2, row["account_id"])]


def test_what_is_not_given_is_never_what_somebody_else_gave(app):
    kept(a_row())
    assert WHOLE.ask(wanted="k") and AMONG.ask(keys=["k"], on="r")      # as somebody else asked it
    with transaction(), pytest.raises(KeyError):
        ADD.make(**{name: value for name, value in a_row(key="other").items() if name != "content_digest"})
    with pytest.raises(KeyError):
        WHOLE.ask()
    with pytest.raises(KeyError):
        AMONG.ask(on="r")


def test_what_the_statement_says_itself_need_not_be_given(app):
    kept(a_row(key="a"))
    kept(a_row(key="b", status=404))
    fixed = Question(select(TABLE.c.key).where(TABLE.c.status.in_([200, 201]), TABLE.c.route == "r",
                                               TABLE.c.key.in_(bindparam("keys", expanding=True))))
    assert [fixed.ask(keys=list(keys)) for keys in ("ab", "b", "a")] == [[("a",)], [], [("a",)]]


def test_a_savepoint_takes_back_what_was_made_within_it(app):
    row = a_row(key="kept")
    with transaction():
        ADD.make(**row)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            ADD.make(**a_row(key="lost"))
            ADD.make(**row)
        ADD.make(**a_row(key="after"))
    assert [key for key, _ in AMONG.ask(keys=["kept", "lost", "after"], on="r")] == ["after", "kept"]


def test_an_object_is_a_copy_that_no_session_keeps(app):
    kept(a_row())
    with transaction():
        (found,), = WHOLE.ask(wanted="k")
        assert found not in db.session
        found.status = 500
    assert WHOLE.ask(wanted="k")[0][0].status == 200


def test_what_the_session_holds_is_written_before_a_question(app):
    with transaction():
        db.session.add(IdempotentRequest(**a_row()))
        (found,), = WHOLE.ask(wanted="k")
        db.session.get(IdempotentRequest, found.id).status = 404
        assert AMONG.ask(keys=["k"], on="r") == [("k", 404)]


def test_what_was_added_to_the_session_is_there_before_a_change(app):
    close = Change(update(TABLE).where(TABLE.c.key == bindparam("of")).values(status=bindparam("new")))
    with transaction():
        db.session.add(IdempotentRequest(**a_row()))
        assert close.make(of="k", new=409) == 1
        assert close.make(of="nobody's", new=409) == 0
    assert AMONG.ask(keys=["k"], on="r") == [("k", 409)]


def test_a_change_outside_a_transaction_is_refused(app):
    with pytest.raises(RuntimeError):
        ADD.make(**a_row())
    with pytest.raises(RuntimeError):
        insert_absent_along(TABLE, [a_row()])


def test_a_change_is_undone_with_its_transaction(app):
    with pytest.raises(ZeroDivisionError), transaction():
        ADD.make(**a_row())
        raise ZeroDivisionError
    assert WHOLE.ask(wanted="k") == []


def test_rows_that_are_there_are_passed_over(app):
    row = kept(a_row())
    fresh = a_row(key="other")
    with transaction():
        assert inserted([row | {"id": new_id()}, fresh]) == [fresh["id"]]
        assert inserted([]) == []


def test_a_row_that_is_there_already_is_not_inserted_again(app):
    row = a_row()
    others = ({}, {}, {"id": new_id()}, {"id": new_id(), "key": "other"})
    with transaction():
        assert [insert_if_absent(TABLE, **row | other) for other in others] == [True, False, False, True]


def test_an_error_is_the_one_sqlalchemy_raises(app):
    row = kept(a_row(content_digest="only-known-here"))
    with pytest.raises(IntegrityError) as caught, transaction():
        ADD.make(**row)
    assert "only-known-here" not in str(caught.value), "an error never says what was in a statement"
    assert len(WHOLE.ask(wanted="k")) == 1


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_is_given_up(app):
    WHOLE.ask(wanted="k")
    process = db.session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text(f"SELECT pg_terminate_backend({process}, 5000)"))
    with pytest.raises(OperationalError) as caught:
        WHOLE.ask(wanted="k")
    assert caught.value.connection_invalidated
    db.session.rollback()
    assert WHOLE.ask(wanted="k") == []


def test_whoever_listens_to_the_engine_hears_it(app):
    heard, names = [], ("before_cursor_execute", "after_cursor_execute")

    def hear(*told):
        heard.append(told[2])

    for name in names:
        event.listen(db.engine, name, hear)
    kept(a_row())
    WHOLE.ask(wanted="k")
    for name in names:
        event.remove(db.engine, name, hear)
    mine = [each for each in heard if "idempotent_request" in each]
    assert len(mine) == 4 and mine[0] == mine[1] and mine[2] == mine[3]


def test_an_insert_that_leaves_out_what_has_a_default_is_refused(app):
    some = Change(insert(Promise).values(id=bindparam("id"), job=bindparam("job")))
    with pytest.raises(ValueError, match="Every column"), transaction():
        some.make(id=new_id(), job="none")


def test_what_goes_along_is_made_before_whatever_comes_next(app):
    with transaction():
        ADD.make_along(**a_row(key="a"))
        assert AMONG.ask(keys=["a"], on="r") == [("a", 200)]
        ADD.make_along(**a_row(key="b"))
        assert db.session.scalars(select(TABLE.c.key).order_by(TABLE.c.key)).all() == ["a", "b"]
        ADD.make_along(**a_row(key="c"))
    assert len(AMONG.ask(keys=list("abc"), on="r")) == 3, "nothing came after the last one but the commit"


def test_a_question_that_goes_along_is_answered_as_of_then(app):
    with transaction():
        none, late = WHOLE.ask_along(wanted="k"), WHOLE.ask_along(wanted="k")
        ADD.make_along(**a_row())
        one = WHOLE.ask_along(wanted="k")
        assert ([len(each.rows) for each in (none, one)], late.rows) == ([0, 1], [])
    outside = WHOLE.ask_along(wanted="k")
    assert (WHOLE.ask(wanted="nobody's"), len(outside.rows)) == ([], 1)


def test_what_was_to_go_along_is_gone_with_its_transaction(app):
    with pytest.raises(ZeroDivisionError), transaction():
        asked = WHOLE.ask_along(wanted="k")
        ADD.make_along(**a_row())
        raise ZeroDivisionError
    with transaction():
        ADD.make_along(**a_row(key="next"))
    assert AMONG.ask(keys=["k", "next"], on="r") == [("next", 200)]
    if is_postgresql():                             # on SQLite it was asked at once
        with pytest.raises(RuntimeError, match="has ended"):
            assert asked.rows


@pytest.mark.parametrize("comes_next", [lambda: None, lambda: WHOLE.ask(wanted="k"),
                                        lambda: db.session.scalar(select(TABLE.c.key))],
                         ids=["the commit", "a question", "a statement of another kind"])
def test_what_the_database_has_against_it_fails_the_transaction(app, comes_next):
    row = kept(a_row(content_digest="only-known-here"))
    with pytest.raises(IntegrityError) as caught, transaction():
        ADD.make_along(**a_row(key="other"))
        ADD.make_along(**row)
        comes_next()
    assert "only-known-here" not in str(caught.value)
    assert AMONG.ask(keys=["k", "other"], on="r") == [("k", 200)], "nothing of it, and what was there is there"


def test_a_savepoint_takes_back_what_went_along_within_it_and_nothing_before(app):
    with transaction():
        ADD.make_along(**a_row(key="before"))
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            ADD.make_along(**a_row(key="within"))
            raise ZeroDivisionError
        ADD.make_along(**a_row(key="after"))
    assert [key for key, _ in AMONG.ask(keys=["before", "within", "after"], on="r")] == ["after", "before"]


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_an_error_that_somebody_swallows_lets_nothing_be_committed(app):
    row = kept(a_row())
    with pytest.raises(RuntimeError, match="failed"), transaction():
        ADD.make(**a_row(key="precious"))
        ADD.make_along(**row)
        with suppress(IntegrityError), db.session.begin_nested():      # it is sent before the savepoint is made
            AMONG.ask(keys=["k"], on="r")
    assert AMONG.ask(keys=["k", "precious"], on="r") == [("k", 200)]


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_what_cannot_be_sent_takes_what_waits_along_and_says_so(app):
    with pytest.raises(RuntimeError, match="failed"), transaction():
        ADD.make_along(**a_row(key="waits"))
        asked = WHOLE.ask_along(wanted="waits")
        with suppress(UnicodeEncodeError):
            WHOLE.ask(wanted="\ud800")
        with pytest.raises(RuntimeError):
            assert asked.rows
    assert AMONG.ask(keys=["waits"], on="r") == []


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_what_was_lost_is_not_forgotten_when_another_question_is_asked(app):
    with pytest.raises(RuntimeError, match="failed"), transaction():
        ADD.make_along(**a_row(key="a NUL\x00"))
        with suppress(DataError):
            ADD.make(**a_row(key="precious"))
        WHOLE.ask(wanted="k")
    assert AMONG.ask(keys=["precious"], on="r") == []


def test_what_waits_last_goes_with_the_commit(app, monkeypatch):
    ways, send = [], Pipeline.send

    def heard(pipeline, sent, *, commits=False):
        ways.append((len(sent), commits))
        return send(pipeline, sent, commits=commits)

    monkeypatch.setattr(Pipeline, "send", heard)
    with transaction():
        ADD.make_along(**a_row())
        ADD.make_along(**a_row(key="other"))
    assert ways == ([(2, True)] if is_postgresql() else [])
    db.session.remove()
    assert AMONG.ask(keys=["k", "other"], on="r") == [("k", 200), ("other", 200)]


def test_what_nobody_wanted_to_know_is_not_asked_when_reading_ends(app):
    asked = WHOLE.ask_along(wanted="k")
    let_go()
    if is_postgresql():                             # on SQLite it was asked at once
        with pytest.raises(RuntimeError, match="has ended"):
            assert asked.rows


def test_few_wait_at_a_time_however_many_there_are(app):
    with transaction():
        for n in range(3 * WAITING_MAX):
            ADD.make_along(**a_row(key=f"{n}"))
    assert len(AMONG.ask(keys=[f"{n}" for n in range(3 * WAITING_MAX)], on="r")) == 3 * WAITING_MAX
    assert len(AMONG.ask(keys=["0", f"{3 * WAITING_MAX - 1}"], on="r")) == 2


def test_many_rows_go_in_one_statement(app):
    with transaction():
        assert len(inserted([a_row(key=f"{n}") for n in range(3 * WAITING_MAX)])) == 3 * WAITING_MAX


def test_no_way_outlives_its_session(app):
    WHOLE.ask(wanted="k")
    way = ref(db.session().info[WAY])
    db.session.remove()
    gc.collect()
    assert way() is None


def test_what_goes_along_goes_by_one_way_to_a_server(app):
    heard = []

    def hear(when, words):
        if "idempotent_request" in words:
            heard.append((when, words.split()[0]))

    def before(_connection, _cursor, words, *_):
        hear("sent", words)

    def after(_connection, _cursor, words, *_):
        hear("answered", words)

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    with transaction():
        ADD.make_along(**a_row())
        WHOLE.ask(wanted="k")
    event.remove(db.engine, "before_cursor_execute", before)
    event.remove(db.engine, "after_cursor_execute", after)
    sent, answered = [[(when, words) for words in ("INSERT", "SELECT")] for when in ("sent", "answered")]
    assert heard == ([*sent, *answered] if is_postgresql() else [sent[0], answered[0], sent[1], answered[1]])
