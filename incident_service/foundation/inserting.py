"""Inserting rows by ready statements, for what every report writes: the session would first look for what depends on
what, and keep a state for each object, which costs twice what the insert itself does."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import BindParameter, Table, bindparam, insert
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from incident_service.foundation.database import Model, db, insert_into, is_postgresql
from incident_service.foundation.ready import Change
from incident_service.foundation.transaction import current_unit


def insert_new(objects: Iterable[Model]) -> None:
    """Insert new objects, in this order: what others name comes before them. Then they are the session's, as if it had
    read them; what the database has against one is raised with the next statement, at the latest by the commit.

    Must be called inside a transaction; for tables whose columns are called like their attributes.
    """
    current_unit()
    for each in objects:
        table, said = cast("Table", each.__table__), instance_dict(each)
        row = _whole(table, {name: value for name in _names(table) if (value := said.get(name)) is not None})
        insert_row(table, **row)
        said.update(dict.fromkeys(_names(table)) | row)
        make_transient_to_detached(each)
        db.session.add(each)


def insert_row(table: Table, **row: Any) -> None:
    """Insert a row of which no object is wanted, together with what is sent next. What is not given is NULL, also where
    JSON could be null; what has a default must be given. Must be called inside a transaction."""
    _insert(table, tuple(row)).make_along(**row)


def insert_if_absent(table: Table, *, by: Sequence[str] | None = None, **given: Any) -> bool:
    """Insert a row unless a unique constraint, or only the one over the columns `by`, says that it is there already;
    whether it was inserted.

    Waits for a concurrent inserter of the same row on PostgreSQL; must be called inside a transaction.
    """
    row = _whole(table, given)
    inserting = _insert_if_absent(table, tuple(row), tuple(by) if by else None, on_postgresql=is_postgresql())
    return bool(inserting.make(**row))


def insert_absent_along(table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of the same columns, in this order and all in one statement, together with what is sent next; but
    those of which a unique constraint says that they are there already.

    Waits for a concurrent inserter of the same row on PostgreSQL; must be called inside a transaction.
    """
    if rows:
        names = tuple(rows[0])
        inserting = _insert_absent(table, names, len(rows), on_postgresql=is_postgresql())
        values = [row[name] for row in rows for name in names]
        inserting.make_along(**dict(zip(_places(names, len(rows)), values, strict=True)))


class _Row(NamedTuple):
    """What a default that is a function is told: the values given, as by SQLAlchemy's own execution of a statement."""

    given: dict[str, Any]

    def get_current_parameters(self) -> dict[str, Any]:
        """The row as far as it is known."""
        return self.given


def _whole(table: Table, given: dict[str, Any]) -> dict[str, Any]:
    """A row with the defaults of what it does not say."""
    return given | {name: default.arg(_Row(given)) if default.is_callable else default.arg
                    for name, default in _defaults(table).items() if name not in given}


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.key for column in table.columns)


@cache
def _defaults(table: Table) -> Mapping[str, Any]:
    return {column.key: column.default for column in table.columns if column.default}


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Change:
    return Change(insert(table).values(_values(names)))


@cache
def _insert_if_absent(table: Table, names: tuple[str, ...], by: tuple[str, ...] | None, *,
                      on_postgresql: bool) -> Change:
    return Change(insert_into(table, on_postgresql=on_postgresql).values(_values(names))
                  .on_conflict_do_nothing(index_elements=by))


@cache
def _insert_absent(table: Table, names: tuple[str, ...], count: int, *, on_postgresql: bool) -> Change:
    places = iter(_places(names, count))
    rows = [{name: bindparam(next(places), type_=table.c[name].type) for name in names} for _ in range(count)]
    return Change(insert_into(table, on_postgresql=on_postgresql).values(rows).on_conflict_do_nothing())


@cache
def _places(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """What the values of these columns are called in several rows, row by row."""
    return tuple(f"{nth}_{name}" for nth in range(count) for name in names)


def _values(names: tuple[str, ...]) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(name) for name in names}
