"""Putting rows in the place of all that are there, while others use the database.

The rows are first staged in temporary tables of a connection of its own, which disturbs nobody however long it takes.
Only then is the gate closed, and the real tables are emptied and filled in one transaction which the database does
by itself. Requests that have begun are answered first; those that come meanwhile are told 503. What runs behind the
gate, or on another machine, waits for the database's own locks.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection, column, exists, insert, inspect, select, table, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from incident_service.accounts.models import SignIn
from incident_service.cases.retention.models import Tombstone
from incident_service.foundation import clock, unfinished
from incident_service.foundation.database import WRITES, db
from incident_service.foundation.gate import closed_gate
from incident_service.foundation.outbox import Promise
from incident_service.foundation.words import both
from incident_service.operations.backup.refusals import Refused
from incident_service.operations.backup.rows import put_lines
from incident_service.operations.backup.tables import Rows, all_tables, kept_tables, lock_tables, names_of_all

INTO_NOTHING, OVER_ALL = "into nothing", "over all"
LOCK_SECONDS_MAX, ATTEMPT_MS_MAX = 10.0, 300
BOOKKEEPING = "alembic_version"
ANEW = {Promise.__tablename__: ("id",)}             # a job still at hand then cannot cross out what was restored


def check_is_empty() -> None:
    """Raise Refused when there is a row in any table of the database."""
    with db.engine.connect() as connection:
        _refuse_rows(connection)


def replace_all_rows(sources: Iterable[Rows], *, replace: bool, before_opening: Callable[[], object],
                     erased: Sequence[Mapping[str, Any]] = ()) -> int:
    """Put these rows in the place of all that are there; how many. Without `replace` there must be none: Refused.

    What was erased since, by the tombstones that are there now and by those given in `erased`, is owed again, and
    `before_opening` is called before anybody comes in. The rows all change or none does; where it ends between that and
    the end, nobody comes in until it was called again and came to its end, for which `replace` is not asked twice.
    Raises OperationalError when others hold the database for too long, TimeoutError when requests do not come to
    their end.
    """
    data_dir, run_dir = current_app.config["DATA_DIR"], current_app.config["RUN_DIR"]
    replace = replace or is_begun()
    with db.engine.connect() as connection:
        connection.detach()                         # what was staged ends with the connection
        with connection.begin():
            count = sum(_stage(connection, each) for each in sources)
        connection.execution_options(**{WRITES: True})
        with closed_gate(run_dir, seconds_max=LOCK_SECONDS_MAX):
            with _note_of_its_own(data_dir), connection.begin():
                _take_the_place(connection, replace=replace, erased=erased)
                if unfinished.noted(data_dir) is None:
                    unfinished.note(data_dir, OVER_ALL if replace else INTO_NOTHING)
            before_opening()
            unfinished.strike_out(data_dir)
    return count


@contextmanager
def _note_of_its_own(data_dir: Path) -> Iterator[None]:
    """Strike out the note when it was written inside and the rows were rolled back after all. Where the connection
    went with the commit, or somebody ended it there, nobody knows whether they were: then the note stays."""
    was_there = unfinished.noted(data_dir) is not None
    try:
        yield
    except Exception as error:
        is_unknown = isinstance(error, DBAPIError) and error.connection_invalidated
        if not was_there and not is_unknown:
            unfinished.strike_out(data_dir)
        raise


def is_begun() -> bool:
    """Whether rows that are there were put there by a restore into nothing, which has yet to be finished."""
    return unfinished.noted(current_app.config["DATA_DIR"]) == INTO_NOTHING


def _stage(connection: Connection, rows: Rows) -> int:
    staged = _staged(rows.table)
    connection.execute(text(f"CREATE TEMPORARY TABLE {staged} AS SELECT * FROM {rows.table} WHERE false"))  # noqa: S608
    return put_lines(connection, staged, rows.columns, rows.lines, anew=ANEW.get(rows.table, ()))


def _take_the_place(connection: Connection, *, replace: bool, erased: Sequence[Mapping[str, Any]]) -> None:
    _keep_others_out(connection)
    if not replace:
        _refuse_rows(connection)
    erased = [*connection.execute(select(Tombstone.__table__)).mappings(), *erased]
    _clear(connection)
    for each in kept_tables():
        names = each.columns.keys()
        staged = table(_staged(each.name), *map(column, names))
        connection.execute(insert(each).from_select(names, select(staged)))
    _end_sign_ins(connection)
    _owe_erasures(connection, erased)


def _end_sign_ins(connection: Connection) -> None:
    """Whoever signed out, or was shut out, after the backup must not come in again by a token it brings back."""
    signed_in = SignIn.__table__
    still_open = update(signed_in).where(signed_in.c.ended_at.is_(None))            # type: ignore[arg-type]
    connection.execute(still_open.values(ended_at=clock.now()))


def _owe_erasures(connection: Connection, erased: Iterable[Mapping[str, Any]]) -> None:
    """What was erased after the backup is there again: its tombstones say that it has yet to go."""
    tombstones = Tombstone.__table__
    gone = {tuple(row) for row in connection.execute(select(tombstones.c.what, tombstones.c.subject_id))}
    owed = {(each["what"], each["subject_id"]): dict(each) | {"is_owed": True} for each in erased}
    if missing := [each for key, each in owed.items() if key not in gone]:
        connection.execute(insert(tombstones), missing)                             # type: ignore[arg-type]


def _keep_others_out(connection: Connection) -> None:
    """Lock every table until the transaction ends. Raises OperationalError when others do not let go of them.

    Each attempt gives up before PostgreSQL would look for a deadlock and end the transaction of somebody at work.
    """
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    while True:
        try:
            with connection.begin_nested():
                lock_tables(connection, "ACCESS EXCLUSIVE", milliseconds_max=ATTEMPT_MS_MAX)
        except OperationalError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _clear(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"TRUNCATE {names_of_all(connection)}"))
    else:
        for each in reversed(all_tables()):
            connection.execute(each.delete())


def _refuse_rows(connection: Connection) -> None:
    for name in set(inspect(connection).get_table_names()) - _of_indexes(connection):
        if name != BOOKKEEPING and connection.scalar(select(exists().select_from(table(name)))):
            raise Refused(both("数据库中已有数据（{name}）；确要以备份取代全部数据，请加 --replace",
                               "The database is not empty ({name}); --replace puts the backup in its place",
                               name=name))


def _of_indexes(connection: Connection) -> set[str]:
    """The tables in which SQLite keeps an index of words: it follows the rows, and is never without some of its own."""
    if connection.dialect.name == "postgresql":
        return set()
    return set(connection.scalars(text("SELECT name FROM pragma_table_list WHERE type IN ('shadow', 'virtual')")))


def _staged(name: str) -> str:
    return f"staged_{name}"
