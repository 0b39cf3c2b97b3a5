"""Lists by cursor: a page deep in the list costs what the first one costs, and nothing is shown twice."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from marshmallow import fields, validate
from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from incident_service.foundation.database import db
from incident_service.foundation.http import Schema
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

LIMIT_MAX = 200
LIMIT_DEFAULT = 50
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


def _write(at: datetime, id: UUID) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), str(id)])).decode()


def _read(cursor: str, at: InstrumentedAttribute[datetime], id: InstrumentedAttribute[UUID]) -> tuple[Any, Any]:
    try:
        last_at, last_id = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
        moment = datetime.fromisoformat(last_at).astimezone(UTC)
        return like(at, moment), like(id, UUID(last_id))
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise Invalid(errors=[FieldError("#/cursor", both("游标无效", "This cursor is not one of ours"))]) from error


def like(column: InstrumentedAttribute[Any], value: Any) -> Any:
    """`value` as the database keeps values of `column`; a row of values does not find this out by itself."""
    return literal(value, column.type)
