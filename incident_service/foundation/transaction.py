"""Where a transaction begins and ends: one verb, one `with transaction():`, and nothing else commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, TypeVarTuple
from zlib import crc32

import structlog
from flask import Flask
from sqlalchemy import Select, event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from incident_service.foundation.database import WRITES, db, is_postgresql

log = structlog.get_logger(__name__)
STRAY = "incident_stray_write"
Columns = TypeVarTuple("Columns")
Known = TypeVar("Known")


def _nothing(_batch: list[Any]) -> None:
    """What is done with a batch that nobody waits for."""


class Unit:
    """One transaction of the database, however many verbs take part in it."""

    def __init__(self) -> None:
        self.is_begun = False
        self.is_doomed = False
        self.before_commit: list[Callable[[], None]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.batches: dict[str, list[Any]] = {}
        self.ended: set[str] = set()                    # batches that nothing can be added to any more
        self.known: dict[str, Any] = {}

    def gather(self, name: str, item: Any, *, first: Callable[[list[Any]], None] = _nothing,
               then: Callable[[list[Any]], None] = _nothing) -> None:
        """Add `item` to the batch called `name`. Once with the whole batch, `first` is called as the last thing of
        the transaction, and `then` after the commit. Raises RuntimeError for an item that comes later than that."""
        if name in self.ended:
            raise RuntimeError(f"The transaction has already dealt with its {name}.")
        batch = self.batches.setdefault(name, [])
        if not batch:
            self.before_commit.append(lambda: self._end(name, first))
            self.after_commit.append(lambda: then(batch))
        batch.append(item)

    def _end(self, name: str, first: Callable[[list[Any]], None]) -> None:
        self.ended.add(name)
        first(self.batches[name])

    def begin(self) -> None:
        """Take the database for writing. What was read before is read again: it may have changed meanwhile."""
        if self.is_begun:
            return
        _check_only_read()
        if not is_postgresql():                     # there, each statement sees what is committed by then: it goes on
            db.session.commit()
            db.session.connection(execution_options={WRITES: True})
        db.session.expire_all()
        self.is_begun = True

    def commit(self) -> None:
        if self.is_doomed:
            raise RuntimeError("A verb failed inside this transaction and its error was swallowed.")
        if self.is_begun:
            for call in self.before_commit:
                call()
            db.session.commit()


_current: ContextVar[Unit | None] = ContextVar("unit", default=None)


@contextmanager
def unit_of_work() -> Iterator[Unit]:
    """An outermost unit that begins with the first `transaction()` inside it and commits when the block ends.

    For a caller who must add to the verb's own transaction after the verb is done, such as the stored answer
    of an idempotent request.
    """
    unit = Unit()
    token = _current.set(unit)
    try:
        yield unit
        unit.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _current.reset(token)
    for call in unit.after_commit:
        _call_quietly(call)


def _call_quietly(call: Callable[[], None]) -> None:
    """What was committed stands, whatever comes after it; the caller must not be told otherwise."""
    try:
        call()
    except Exception:
        log.exception("after-commit-failed")


@contextmanager
def transaction() -> Iterator[Unit]:
    """All of the block or nothing. Inside another one it joins it, and the outermost commits."""
    outer = _current.get()
    if outer is None:
        with unit_of_work() as unit:
            unit.begin()
            yield unit
        return
    outer.begin()
    try:
        yield outer
    except BaseException:
        outer.is_doomed = True
        raise


def current_unit() -> Unit:
    """The open transaction. Raises RuntimeError outside one."""
    unit = _current.get()
    if unit is None or not unit.is_begun:
        raise RuntimeError("This must happen inside a transaction.")
    return unit


def is_writing() -> bool:
    """Whether a transaction is open."""
    unit = _current.get()
    return unit is not None and unit.is_begun


def looked_up(name: str, look: Callable[[], Known]) -> Known:
    """What `look` finds, looked up once in a transaction and the same until it ends; each time, outside one.

    For what only a verb of its own changes, which then calls `look_again`.
    """
    unit = _current.get()
    if unit is None or not unit.is_begun:
        return look()
    if name not in unit.known:
        unit.known[name] = look()
    return unit.known[name]


def look_again(name: str) -> None:
    """Let what this transaction changes be looked up anew."""
    current_unit().known.pop(name, None)


def let_go() -> None:
    """Give the connection back before something slow, not to hold it idle. Raises RuntimeError in a transaction."""
    unit = _current.get()
    if unit is not None and unit.is_begun:
        raise RuntimeError("Something slow must not happen inside a transaction.")
    _end_reading()


def _end_reading() -> None:
    """End what was only read, by a commit that has nothing to write: after a rollback everything would be read anew."""
    _check_only_read()
    db.session.commit()


def _check_only_read() -> None:
    if _is_changed():
        raise RuntimeError("Rows were changed outside a transaction.")


def _is_changed() -> bool:
    session = db.session()
    return bool(session.info.get(STRAY) or session.new or session.dirty or session.deleted)


@event.listens_for(db.session, "do_orm_execute")
def _on_execute(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _note_stray_write(state.session)


@event.listens_for(db.session, "after_flush")
def _on_flush(session: Session, _context: Any) -> None:
    _note_stray_write(session)


def _note_stray_write(session: Session) -> None:
    """Remember what was written outside a transaction: reading ends by a commit, and it must not be kept with that."""
    unit = _current.get()
    if unit is None or not unit.is_begun:
        session.info[STRAY] = True


@event.listens_for(db.session, "after_transaction_end")
def _on_end(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(STRAY, None)


def end_readings_gently(app: Flask) -> None:
    """Have whatever was read when a request or a job ends end by a commit, unless it ends by an error."""
    @app.teardown_appcontext
    def end(error: BaseException | None) -> None:
        if error is None and db.session.registry.has() and db.session().in_transaction() and not _is_changed():
            try:
                db.session.commit()
            except SQLAlchemyError:                 # it was about to end anyway, and the answer is given
                log.warning("reading-ended-badly", exc_info=True)


def for_update(statement: Select[*Columns]) -> Select[*Columns]:
    """The same query, its rows locked until the transaction ends and read afresh. Raises RuntimeError outside one.

    SQLite knows no row locks; there the writer already holds the database.
    """
    current_unit()
    return locking(statement)


def locking(statement: Select[*Columns]) -> Select[*Columns]:
    """The same for a statement that is made once, and asked inside transactions alone."""
    return statement.with_for_update().execution_options(populate_existing=True)


def alone(purpose: str) -> None:
    """Wait until no other transaction is alone for this purpose, and be it until this one ends.

    SQLite needs nothing: there the writer already holds the database. Raises RuntimeError outside a transaction.
    """
    current_unit()
    if is_postgresql():
        db.session.execute(select(func.pg_advisory_xact_lock(crc32(purpose.encode()))))
