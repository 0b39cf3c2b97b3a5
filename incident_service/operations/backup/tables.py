"""All rows of one moment into an archive, and out of it again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Table, text

from incident_service.exports.models import Export, ExportPart
from incident_service.foundation.database import db
from incident_service.operations.backup.columns import kinds_of
from incident_service.operations.backup.contents import TABLES, TableRows
from incident_service.operations.backup.reading import Archive
from incident_service.operations.backup.rows import lines_of
from incident_service.operations.backup.writing import Writer

PART_BYTES = 1024 * 1024
SHORT_LIVED = {Export.__tablename__, ExportPart.__tablename__}      # copies of personal data, to be gone after a day


class Rows(NamedTuple):
    """The rows of one table, as lines, and the kind of each column."""

    table: str
    columns: Mapping[str, str]
    lines: Iterable[bytes]


def all_tables() -> list[Table]:
    """Every table, in an order in which no row comes before one that it names."""
    return db.metadata.sorted_tables


def kept_tables() -> list[Table]:
    """Those of them whose rows a backup holds."""
    return [table for table in all_tables() if table.name not in SHORT_LIVED]


def names_of_all(connection: Connection) -> str:
    """The names of all tables, as a list in SQL."""
    return ", ".join(map(connection.dialect.identifier_preparer.format_table, all_tables()))


def lock_tables(connection: Connection, mode: str, *, milliseconds_max: int) -> None:
    """Hold every table in a lock of PostgreSQL until the transaction ends; SQLite locks as a whole, by itself.

    Raises OperationalError when somebody else holds one for longer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds_max}"))
        connection.execute(text(f"LOCK TABLE {names_of_all(connection)} IN {mode} MODE"))


def write_tables(writer: Writer, connection: Connection) -> dict[str, TableRows]:
    """Put all rows into the archive, as the connection sees them."""
    return {table.name: _write(writer, connection, table) for table in kept_tables()}


def _write(writer: Writer, connection: Connection, table: Table) -> TableRows:
    rows = 0
    for number, part in enumerate(_parts(lines_of(connection, table)), 1):
        writer.add(f"{TABLES}/{table.name}/{number:06}.jsonl", b"".join(part))
        rows += len(part)
    return TableRows(kinds_of(table), rows)


def _parts(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines in lists of about PART_BYTES."""
    part: list[bytes] = []
    byte_count = 0
    for line in lines:
        part.append(line)
        byte_count += len(line)
        if byte_count >= PART_BYTES:
            yield part
            part, byte_count = [], 0
    if part:
        yield part


def rows_in(archive: Archive) -> Iterator[Rows]:
    """What the archive holds, table by table."""
    for name, each in archive.manifest.tables.items():
        yield Rows(name, each.columns, archive.lines_of(name))


def rows_from(connection: Connection) -> Iterator[Rows]:
    """What a database holds, table by table."""
    for table in kept_tables():
        yield Rows(table.name, kinds_of(table), lines_of(connection, table))
