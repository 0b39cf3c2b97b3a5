"""A ZIP file written a piece at a time to whoever reads it: nothing but the piece is ever in memory.

Times of day and machine are left out, nothing is compressed: the same content makes the same bytes.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import orjson

FORMAT = "incident-evidence/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
NO_TIME = (1980, 1, 1, 0, 0, 0)
UNIX, READABLE = 3, 0o444 << 16


class Entry(NamedTuple):
    """One file of a bundle."""

    name: str
    pieces: Iterable[bytes]


class Sink:
    """What the ZIP writer writes to; whoever streams takes away what has come."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        """Keep a part until it is taken."""
        self.parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self.parts = b"".join(self.parts), []
        return taken


def streamed(entries: Iterable[Entry], about: dict[str, Any], sign: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The bundle: every entry, then the manifest that names them with their digests, then its signature."""
    sink, files = Sink(), []
    with ZipFile(sink, "w", ZIP_STORED) as archive:                                     # type: ignore[call-overload]
        for entry in entries:
            digest, byte_count = hashlib.sha256(), 0
            with archive.open(_info(entry.name), "w") as file:
                for piece in entry.pieces:
                    digest.update(piece)
                    byte_count += file.write(piece)
                    yield sink.take()
            files.append({"name": entry.name, "sha256": digest.hexdigest(), "bytes": byte_count})
        manifest = plain({"format": FORMAT, **about, "files": files})
        archive.writestr(_info(MANIFEST), manifest)
        archive.writestr(_info(SIGNATURE), sign(manifest))
    yield sink.take()


def plain(content: Any) -> bytes:
    """JSON that is the same for the same content."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str)


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, NO_TIME)
    info.create_system, info.external_attr = UNIX, READABLE
    return info
