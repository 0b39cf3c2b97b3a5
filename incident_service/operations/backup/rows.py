"""Rows out of a table and into one, as lines of JSON, a batch at a time."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, column, insert, select, table

from incident_service.foundation.database import new_id
from incident_service.operations.backup.columns import KINDS, kinds_of, put_into, read_from

ROWS_AT_ONCE = 1000
Item = TypeVar("Item")


def lines_of(connection: Connection, source: Table) -> Iterator[bytes]:
    """Every row as a line holding one JSON array, in the order of the primary key."""
    kinds = [KINDS[kind] for kind in kinds_of(source).values()]
    statement = select(*map(read_from, source.columns)).order_by(*source.primary_key)
    for row in connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
        values = [value if value is None else kind.write(value) for kind, value in zip(kinds, row, strict=True)]
        yield json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def put_lines(connection: Connection, name: str, kinds: Mapping[str, str], lines: Iterable[bytes], *,
              anew: Collection[str] = ()) -> int:
    """Insert lines into the table called `name`, whose columns are of these kinds; how many.

    The ids in the columns `anew` are drawn anew.
    """
    statement = _insertion(name, kinds, postgresql=connection.dialect.name == "postgresql")
    count = 0
    for batch in batches(lines, ROWS_AT_ONCE):
        connection.execute(statement, [_row(line, kinds) | {each: new_id() for each in anew} for line in batch])
        count += len(batch)
    return count


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def _insertion(name: str, kinds: Mapping[str, str], *, postgresql: bool) -> Insert:
    values = {each: put_into(each, kind, postgresql=postgresql) for each, kind in kinds.items()}
    return insert(table(name, *map(column, kinds))).values(values)


def _row(line: bytes, kinds: Mapping[str, str]) -> dict[str, Any]:
    values = json.loads(line)
    return {name: value if value is None else KINDS[kind].read(value)
            for (name, kind), value in zip(kinds.items(), values, strict=True)}
