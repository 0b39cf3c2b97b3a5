"""The database: one declarative base, column types that mean the same on SQLite and PostgreSQL, engine manners."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from flask import Flask
from flask.globals import app_ctx
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from psycopg.pq import Format
from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Table,
    TypeDecorator,
    event,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGExecutionContext_psycopg
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from incident_service.foundation.ids import new_id
from incident_service.foundation.way import abandon_what_goes, commit_what_waits, leave_in_order, send_what_waits

SQLITE_WAIT_MS_MAX = 10_000
# a transaction goes on with what it read before it began to write, and each statement sees what is committed by then;
# rows lie in memory or on SSD: by its default (4, for turning disks) the server reads a table whole while it is small,
# and goes on with that plan when it has grown
ON_POSTGRESQL = r"-c timezone=utc -c default_transaction_isolation=read\ committed -c random_page_cost=1.1"
MIGRATIONS = Path(__file__).parent.parent / "migrations"
WRITES = "incident_writes"
BYTES = {"incident_bytes": True}                    # of a statement that reads much binary data: it is not sent as text

ONE: ColumnElement[int] = literal_column("1")       # as a limit: for one that it is given PostgreSQL plans each time

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC, in and out. Refuses a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What its values are."""
        return datetime

    def bind_processor(self, dialect: Dialect) -> Any:
        """What is made of each value that is given: on PostgreSQL without steps between, as there are many."""
        return _to_utc if dialect.name == "postgresql" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """What is made of each value that is read: the same."""
        return _in_utc if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        value = _to_utc(value)
        return value.replace(tzinfo=None) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return _in_utc(value.replace(tzinfo=UTC) if value and value.tzinfo is None else value)


def _to_utc(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value!r} does not say which zone it is in.")
    return _in_utc(value)


def _in_utc(value: datetime | None) -> datetime | None:
    return value and value.astimezone(UTC)


Id = Annotated[uuid.UUID, mapped_column(primary_key=True, default=new_id)]
Json = JSON().with_variant(JSONB(), "postgresql")


class _Base(DeclarativeBase):
    metadata = metadata


class OneDatabase(Session):
    """A session that looks once which database the application has, not for each statement: there is but one."""

    _engine: Engine | None = None

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **_options: Any) -> Any:
        """Where a statement goes."""
        if self._engine is None:
            self._engine = self._db.engine
        return bind or self._engine


db = SQLAlchemy(model_class=_Base, session_options={
    "expire_on_commit": False, "class_": OneDatabase,
    "scopefunc": app_ctx._get_current_object})          # type: ignore[attr-defined]   # the context itself, not its id
_Base.registry.update_type_annotation_map({
    datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json,
    # the stored word is the word in the API, not the name in Python
    StrEnum: Enum(StrEnum, native_enum=False, length=32, values_callable=lambda kind: [each.value for each in kind]),
})

if TYPE_CHECKING:
    Model = _Base
else:
    Model = db.Model


def open_database(app: Flask) -> None:
    """Bind the application to its database. Opens no connection: a process may still fork afterwards."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        arguments: dict[str, Any] = {"timeout": SQLITE_WAIT_MS_MAX / 1000}
    else:
        arguments = {"connect_timeout": 3, "options": ON_POSTGRESQL}
    options = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {})
    options.setdefault("connect_args", arguments)
    options.setdefault("json_deserializer", orjson.loads)
    options.setdefault("hide_parameters", True)         # an error names the statement, never whose number was in it
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            teach_sqlite(db.engine, synchronous=app.config.get("SQLITE_SYNCHRONOUS", "FULL"))
        else:
            teach_postgresql(db.engine)


def teach_sqlite(engine: Engine, *, synchronous: str) -> None:
    """Make SQLite survive a power cut, keep foreign keys, and take its write lock when a writer begins.

    The driver's own transaction handling is switched off: it would begin late and never for reads, so that
    a reader turned writer could fail at once with a stale snapshot.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={SQLITE_WAIT_MS_MAX}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def teach_postgresql(engine: Engine) -> None:
    """Send the answer to a statement with the option BYTES as it is, as text every byte would be two letters; and each
    statement, and the commit, after those that wait to go along with it."""
    engine.dialect.execution_ctx_cls = _Execution
    event.listen(engine, "commit", commit_what_waits)
    event.listen(engine, "rollback", abandon_what_goes)
    event.listen(engine, "rollback_savepoint", abandon_what_goes)
    event.listen(engine, "reset", leave_in_order)


class _Execution(PGExecutionContext_psycopg):
    """An execution that knows the option, and its turn. To listen for all statements of the engine would cost each of
    them more."""

    def pre_exec(self) -> None:
        super().pre_exec()
        send_what_waits(self.root_connection)
        if self.execution_options.keys() >= BYTES.keys():
            self.cursor.format = Format.BINARY                          # type: ignore[attr-defined]


def is_postgresql() -> bool:
    """Whether the database of the current application is PostgreSQL."""
    return db.engine.dialect.name == "postgresql"


def beside(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column in a condition that only sorts out rows: SQLite, which guesses, then does not look for it in an index.
    PostgreSQL knows how many rows there are of each kind, and is left to choose."""
    if is_postgresql():
        return column.expression
    return UnaryExpression(column.expression, operator=custom_op("+"), type_=column.type)


def insert_into(table: Table, *, on_postgresql: bool) -> postgresql.Insert | sqlite.Insert:
    """An insert that may say what it does about a row that is there already."""
    return (postgresql if on_postgresql else sqlite).insert(table)
