"""Making a backup while the service runs."""

from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from incident_service.foundation import clock
from incident_service.foundation.files import appearing_whole
from incident_service.foundation.snapshot import snapshot
from incident_service.operations.backup import schema
from incident_service.operations.backup.contents import ORIGINALS, Manifest
from incident_service.operations.backup.keyring import write_keys
from incident_service.operations.backup.pictures import Lost, note_named, write_photos
from incident_service.operations.backup.tables import lock_tables, write_tables
from incident_service.operations.backup.writing import Writer

LOCK_MS_MAX = 10_000


class Made(NamedTuple):
    """What a backup holds, and which originals it could not have."""

    rows: int
    originals: int
    byte_count: int
    lost: list[Lost]


def create(path: Path) -> Made:
    """Write a backup to `path`, which its owner alone may read; it appears there when it is complete.

    The rows are those of one moment, and every original that they name was in the store by then. May run beside
    anything but a restore. Raises Refused for a database that is not migrated; OSError, StoreAway or SQLAlchemyError
    when a disk, the store or the database is away: then there is no file.
    """
    with appearing_whole(path) as file, TemporaryFile() as named:
        made_at = clock.now()
        writer = Writer(file, made_at=made_at)
        with snapshot() as connection:
            lock_tables(connection, "ACCESS SHARE", milliseconds_max=LOCK_MS_MAX)
            revision = schema.check_is_newest(connection)
            tables = write_tables(writer, connection)
            note_named(connection, named)
        lost = write_photos(writer, named)
        write_keys(writer)
        counts = writer.counts()
        writer.finish(Manifest(made_at.isoformat(), revision, tables, counts, [each.sha256 for each in lost]))
        return Made(sum(each.rows for each in tables.values()), counts.get(ORIGINALS, {}).get("files", 0),
                    file.tell(), lost)
