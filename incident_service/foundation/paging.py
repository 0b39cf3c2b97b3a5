"""Lists by cursor: a page deep in the list costs what the first one costs, and nothing is shown twice."""

import base64
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from marshmallow import fields, validate
from sqlalchemy import ColumnElement, Select, Subquery, literal, select, tuple_, union, union_all
from sqlalchemy.orm import InstrumentedAttribute

from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.http import Schema
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

LIMIT_MAX = 200
LIMIT_DEFAULT = 50
INTEGER_END = 2**63
Row = TypeVar("Row")


class PageInput(Schema):
    """Which part of a list is wanted."""
    limit = fields.Integer(load_default=LIMIT_DEFAULT, validate=validate.Range(1, LIMIT_MAX))
    cursor = fields.String(load_default="", validate=validate.Length(max=400))


class Page(NamedTuple):
    """Some rows of a list, and the cursor that continues it (None at the end)."""

    items: Sequence[Any]
    next_cursor: str | None


def page_schema(item: type[Schema]) -> type[Schema]:
    """The shape of one page of `item`s."""
    return Schema.from_dict(                                    # type: ignore[return-value]
        {"items": fields.List(fields.Nested(item), required=True),
         "next_cursor": fields.String(required=True, allow_none=True)},
        name=f"{item.__name__.removesuffix('Output')}Page",
    )


class Lead(NamedTuple):
    """A column that rises with the first key of a list, and between what it is where that key has a value: for a way
    whose index knows this column alone."""

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    between: Callable[[Any], tuple[Any, Any]]


class Scan(NamedTuple):
    """One way through some rows that an index knows in the order wanted: a query, and what it is ordered by."""

    rows: Select[*tuple[Any, ...]]
    keys: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]
    lead: Lead | None = None
    repeats: bool = False                           # finds the same row more than once


def merged(rows: Select[*tuple[Any, ...]], keys: tuple[InstrumentedAttribute[Any], ...], scans: Sequence[Scan],
           *, limit: int, cursor: str, oldest_first: bool = False) -> Page:
    """One page of what any of the scans finds. `rows` selects whole things and then `keys`, whose last is the id that
    the scans find. Each scan is walked no further than one page goes. Raises Invalid for a foreign cursor."""
    last = _read(cursor, *keys) if cursor else None
    found = _first_of([_walk(scan, last, oldest_first) for scan in scans], limit, oldest_first)
    page = db.session.execute(
        rows.join(found, list(found.c)[-1] == keys[-1]).order_by(*_ordered(keys, oldest_first)).limit(limit + 1)).all()
    return Page([row[0] for row in page[:limit]], _write(*page[limit - 1][1:]) if len(page) > limit else None)


def _walk(scan: Scan, last: tuple[Any, ...] | None, oldest_first: bool) -> Select[*tuple[Any, ...]]:
    led = [scan.lead.column] if scan.lead else []
    rows = scan.rows.with_only_columns(*led, *scan.keys, maintain_column_froms=True)
    if scan.repeats:
        rows = rows.distinct()
    if last is None:
        return rows
    place = tuple_(*scan.keys)
    rows = rows.where(place > tuple_(*last) if oldest_first else place < tuple_(*last))
    if scan.lead:
        least, most = scan.lead.between(last[0].value)
        rows = rows.where(scan.lead.column >= least if oldest_first else scan.lead.column <= most)
    return rows


def _first_of(walks: Sequence[Select[Any]], limit: int, oldest_first: bool) -> Subquery:
    """What comes first of all walks. They are merged as they go, and none is walked further than the page goes: both
    databases do so when asked in this way."""
    if not is_postgresql():                         # takes the order from the whole
        first = union(*walks)
        return first.order_by(*_ordered(first.selected_columns, oldest_first)).limit(limit + 1).subquery()
    in_order = [walk.order_by(*_ordered(walk.selected_columns, oldest_first)).limit(limit + 1) for walk in walks]
    found = union_all(*(select(walk.subquery()) for walk in in_order)).subquery()
    return select(found).distinct().order_by(*_ordered(found.c, oldest_first)).limit(limit + 1).subquery()


def _ordered(keys: Iterable[ColumnElement[Any] | InstrumentedAttribute[Any]],
             oldest_first: bool) -> list[ColumnElement[Any]]:
    return [key.asc() if oldest_first else key.desc() for key in keys]


def newest_first(
    statement: Select[Row], at: InstrumentedAttribute[datetime], id: InstrumentedAttribute[UUID],
    *, limit: int, cursor: str, oldest_first: bool = False,
) -> Page:
    """One page of a query for whole rows in the order of (at, id). Raises Invalid for a foreign cursor."""
    place = tuple_(at, id)
    if cursor:
        last = tuple_(*_read(cursor, at, id))
        statement = statement.where(place > last if oldest_first else place < last)
    order = (at.asc(), id.asc()) if oldest_first else (at.desc(), id.desc())
    rows = db.session.scalars(statement.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last_row = rows[limit - 1]
    return Page(rows[:limit], _write(getattr(last_row, at.key), getattr(last_row, id.key)))


def _write(*place: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def _read(cursor: str, *columns: InstrumentedAttribute[Any]) -> tuple[Any, ...]:
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
        if len(place) != len(columns):
            raise ValueError("another list's")
        return tuple(like(column, _as(column.type.python_type, value))
                     for column, value in zip(columns, place, strict=True))
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise Invalid(errors=[FieldError("#/cursor", both("游标无效", "This cursor is not one of ours"))]) from error


def _as(kind: type, value: Any) -> Any:
    """A value of a cursor as what its column holds."""
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind is UUID:
        return UUID(value)
    if kind is int and type(value) is int and abs(value) < INTEGER_END:
        return value
    raise ValueError("no such value")


def like(column: InstrumentedAttribute[Any], value: Any) -> Any:
    """`value` as the database keeps values of `column`; a row of values does not find this out by itself."""
    return literal(value, column.type)
