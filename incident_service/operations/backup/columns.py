"""The values of a row as plain JSON, the same whichever database they come from or go to."""

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from incident_service.foundation.database import UtcDateTime


class Kind(NamedTuple):
    """One kind of value: the type that carries it to and from the database, and its form in the archive."""

    carrier: TypeEngine[Any]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


KINDS: Mapping[str, Kind] = {
    "boolean": Kind(Boolean(), _as_it_is, _as_it_is),
    "bytes": Kind(LargeBinary(), _base64, base64.b64decode),
    "day": Kind(Date(), date.isoformat, date.fromisoformat),
    "float": Kind(Float(), _as_it_is, _as_it_is),
    "integer": Kind(BigInteger(), _as_it_is, _as_it_is),
    "json": Kind(Text(), _as_it_is, _as_it_is),             # its text as stored, so that NULL and `null` stay apart
    "moment": Kind(UtcDateTime(), datetime.isoformat, datetime.fromisoformat),
    "text": Kind(String(), _as_it_is, _as_it_is),
    "uuid": Kind(Uuid(), str, UUID),
}

_NAMES: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "boolean"), (LargeBinary, "bytes"), (Float, "float"), (Integer, "integer"), (JSON, "json"),
    (UtcDateTime, "moment"), (Date, "day"), (String, "text"), (Uuid, "uuid"),
)


def kinds_of(table: Table) -> dict[str, str]:
    """{column: name of its kind}. Raises TypeError for a type that has no form in an archive."""
    return {column.name: _kind_of(column) for column in table.columns}


def _kind_of(column: Column[Any]) -> str:
    for type, name in _NAMES:
        if isinstance(column.type, type):
            return name
    raise TypeError(f"{column} is {column.type!r}, for which archives have no form.")


def read_from(column: Column[Any]) -> ColumnElement[Any]:
    """The column in a SELECT, its value as the kind's carrier brings it."""
    kind = _kind_of(column)
    carrier = KINDS[kind].carrier
    return cast(column, carrier) if kind == "json" else type_coerce(column, carrier)


def put_into(column: str, kind: str, *, postgresql: bool) -> ColumnElement[Any]:
    """The value for a column in an INSERT."""
    value = bindparam(column, type_=KINDS[kind].carrier)
    return cast(value, JSONB) if kind == "json" and postgresql else value
