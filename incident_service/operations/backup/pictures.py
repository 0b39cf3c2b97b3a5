"""Photos into an archive and back into the store, whichever kind of store that is."""

import hashlib
import shutil
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, case, select

from incident_service import photos
from incident_service.foundation.words import Words, both
from incident_service.operations.backup.contents import COPIES, ORIGINALS
from incident_service.operations.backup.reading import Archive
from incident_service.operations.backup.rows import ROWS_AT_ONCE
from incident_service.operations.backup.writing import Writer
from incident_service.photos import Photo, Size

SIZES = tuple(size for size in Size if size is not Size.ORIGINAL)

GIVEN_UP = "-"                                              # in place of the digest of an original that is not kept


class Lost(NamedTuple):
    """An original that the database names and the store no longer has, or has changed."""

    sha256: str
    reason: Words


def note_named(connection: Connection, into: BinaryIO) -> None:
    """Note which photos the database names: a line `<sha256> <photo id> <revision>` each, equal originals together."""
    kept = case((Photo.original_gone_at.is_(None), Photo.sha256), else_=GIVEN_UP)
    named = select(kept, Photo.id, Photo.revision).order_by(kept, Photo.id)
    for sha256, id, revision in connection.execute(named.execution_options(yield_per=ROWS_AT_ONCE)):
        into.write(f"{sha256} {id} {revision}\n".encode())
    into.seek(0)


def write_photos(writer: Writer, named: Iterable[bytes]) -> list[Lost]:
    """Put the noted photos into the archive, with the copies they have by now; the originals that are not to be had.

    Originals never change and each was in the store before the database named it, so it does not matter how much
    later than the rows they are read. A copy not made yet is still promised in the rows.
    """
    lost = []
    for sha256, lines in groupby(named, lambda line: line.split()[0].decode()):
        fault = None if sha256 == GIVEN_UP else _write_original(writer, sha256)
        lost += [fault] if fault else []
        for line in lines:
            _write_copies(writer, *line.decode().split()[1:])
    return lost


def _write_original(writer: Writer, sha256: str) -> Lost | None:
    try:
        with photos.store().original(sha256) as path:
            content = path.read_bytes()
    except FileNotFoundError:
        return Lost(sha256, both("缺失", "missing"))
    if hashlib.sha256(content).hexdigest() != sha256:
        return Lost(sha256, both("内容已改变", "changed"))
    writer.add(f"{ORIGINALS}/{sha256}", content)
    return None


def _write_copies(writer: Writer, photo_id: str, revision: str) -> None:
    for name in (photos.copy_called(size, int(revision)) for size in SIZES):
        if jpeg := photos.store().read_copy(UUID(photo_id), name):
            writer.add(f"{COPIES}/{photo_id}.{name}.jpg", jpeg)


def put_photos_back(archive: Archive) -> None:
    """Put every photo of the archive into the store, to stay. Safe to repeat: what lies there already is left."""
    for name, content in archive.photos():
        folder, _, file = name.rpartition("/")
        if folder == ORIGINALS:
            _put_original(file, content)
        else:
            photo_id, size, _ = file.split(".")
            photos.store().put_copy(UUID(photo_id), size, content.read(), lasting=True)


def _put_original(sha256: str, content: IO[bytes]) -> None:
    incoming = photos.store().incoming
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=incoming, prefix="restored-", delete=False) as file:
        path = Path(file.name)
        shutil.copyfileobj(content, file)
    try:
        photos.store().put_original(path, sha256)
    finally:
        path.unlink(missing_ok=True)
