"""Reading an archive: nothing is believed until all of it was read once and found to be what was written.

No file is ever unpacked under the name it has in the archive: names are matched, and say only what a file is.
"""

import hashlib
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from incident_service.foundation.words import both
from incident_service.operations.backup.contents import (
    COPIES,
    MANIFEST,
    NAME,
    ORIGINALS,
    SEAL,
    TABLES,
    Manifest,
    Tally,
    folder_of,
    read_manifest,
)
from incident_service.operations.backup.refusals import Damaged, Refused

CUT_OFF = both("文件不是备份，或在结尾之前中断", "it is no backup, or it was cut off before its end")
SUM_AT, SUM_BYTES = 148, 8
CHUNK_BYTES = 1024 * 1024
MANIFEST_BYTES_MAX = 64 * CHUNK_BYTES


class Place(NamedTuple):
    """Where in the archive the bytes of a file lie."""

    name: str
    offset: int
    byte_count: int


class Archive:
    """An archive that was read once and found whole. Knows where its rows and keys lie; photos are walked through."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._places: defaultdict[str, list[Place]] = defaultdict(list)
        self._lines: Counter[str] = Counter()
        self.manifest = self._verified()

    def lines_of(self, table: str) -> Iterator[bytes]:
        """The rows of a table, as lines."""
        for _, content in self.files_in(f"{TABLES}/{table}"):
            yield from content.splitlines()

    def files_in(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """(name, content) of every file in a folder of rows or keys."""
        for place in self._places[folder]:
            self._file.seek(place.offset)
            yield place.name, self._file.read(place.byte_count)

    def photos(self) -> Iterator[tuple[str, IO[bytes]]]:
        """(name, content) of every original and copy; each must be read before the next is taken."""
        for entry, content in _walk(self._file):
            if folder_of(entry.name) in (ORIGINALS, COPIES):
                yield entry.name, content

    def _verified(self) -> Manifest:
        """The manifest. Raises Damaged when anything in the archive is not as it was written."""
        last: dict[str, bytes] = {}
        for entry, content in _walk(self._file):
            if entry.name in (MANIFEST, SEAL) and SEAL not in last:
                last[entry.name] = content.read(MANIFEST_BYTES_MAX)
            elif last or not NAME.fullmatch(entry.name):
                raise _unexpected(entry.name)
            else:
                self._count(entry, content)
        manifest = read_manifest(_sealed(last))
        rows = {f"{TABLES}/{name}": each.rows for name, each in manifest.tables.items() if each.rows}
        counts = {folder: tally.as_json() for folder, tally in self._tallies.items()}
        if (counts, self._lines) != (manifest.files, rows):
            raise Damaged(both("内容与清单不符", "its content is not what its manifest lists"))
        return manifest

    def _count(self, entry: tarfile.TarInfo, content: IO[bytes]) -> None:
        folder, digest = folder_of(entry.name), hashlib.sha256()
        while chunk := content.read(CHUNK_BYTES):
            digest.update(chunk)
            if folder.startswith(TABLES):
                self._lines[folder] += chunk.count(b"\n")
        sha256 = digest.hexdigest()
        if folder == ORIGINALS and not entry.name.endswith(sha256):
            raise Damaged(both("照片 {name} 已改变", "the photo {name} was changed", name=entry.name))
        self._tallies[folder].add(entry.name, sha256=sha256, byte_count=entry.size)
        if folder not in (ORIGINALS, COPIES):
            self._places[folder].append(Place(entry.name, entry.offset_data, entry.size))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The archive in the file at `path`. Raises Damaged when anything in it is not as it was written."""
    with path.open("rb") as file:
        try:
            yield Archive(file)
        except (tarfile.TarError, EOFError) as error:
            raise Damaged(CUT_OFF) from error


def _sealed(last: dict[str, bytes]) -> bytes:
    """The manifest, if its seal is there and right."""
    manifest = last.get(MANIFEST, b"")
    if last.get(SEAL, b"").split()[:1] != [hashlib.sha256(manifest).hexdigest().encode()]:
        raise Damaged(CUT_OFF)
    return manifest


def _walk(file: BinaryIO) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """(entry, content) of every file. Raises Damaged for a link or a folder, TarError for what is no archive."""
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:") as tar:
        while (entry := tar.next()) is not None:
            tar.members.clear()                 # type: ignore[attr-defined]    # or all of them are remembered
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None:
                raise _unexpected(entry.name)
            if not _is_sum_written(file, entry):
                raise Damaged(both("{name} 的文件头已改变", "the header of {name} was changed", name=entry.name))
            yield entry, content


def _is_sum_written(file: BinaryIO, entry: tarfile.TarInfo) -> bool:
    """Whether a header's own sum stands there as tars write it: it is the one part of a header that no sum covers."""
    file.seek(entry.offset + SUM_AT)
    return file.read(SUM_BYTES) == f"{entry.chksum:06o}\0 ".encode()


def _unexpected(name: str) -> Refused:
    return Damaged(both("含有不应存在的内容 {name}", "{name} does not belong in it", name=repr(name[:100])))
