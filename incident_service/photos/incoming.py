"""Uploads on their way in: each goes straight into a file of its own, hashed and counted as it comes.

The file lies on the disk of the photo store, so that keeping it is a change of name; it vanishes when the request
ends, unless it was kept. What a crash leaves behind is swept away later.
"""

import hashlib
import os
import secrets
import time
from contextlib import suppress
from datetime import timedelta
from io import FileIO
from pathlib import Path
from typing import IO, Any

from flask import Request, current_app
from werkzeug.datastructures import FileStorage

from incident_service.foundation.problems import FieldError, TooLarge
from incident_service.foundation.words import both
from incident_service.photos.forms import FormParser
from incident_service.photos.stores import StoreAway, store

PREFIX = "upload-"


class PhotoTooLarge(TooLarge):
    """One photo has more bytes than are taken."""
    slug, title = "photo-too-large", both("照片文件过大", "The photo file is too large")


class Spool(FileIO):
    """The file of one upload, the `number`-th of its request. Nothing of it is held in memory."""

    def __init__(self, path: Path, *, number: int, bytes_max: int) -> None:
        self.path, self.number, self.bytes_max = path, number, bytes_max
        self.byte_count = 0
        self._digest = hashlib.sha256()
        super().__init__(path, "x+", opener=_private)

    @property
    def sha256(self) -> str:
        """The digest of what was written so far."""
        return self._digest.hexdigest()

    def write(self, part: Any) -> int:
        """Add a part at the end. Raises PhotoTooLarge; StoreAway when the disk is full."""
        self.byte_count += len(part)
        if self.byte_count > self.bytes_max:
            raise _too_large(self.number, self.bytes_max)
        self._digest.update(part)
        try:
            written = super().write(part)
        except OSError as error:
            raise StoreAway() from error
        if written != len(part):
            raise StoreAway()
        return written

    def sync(self) -> None:
        """Have the bytes brought to the disk, so that sealing them need not wait long. Raises StoreAway."""
        try:
            os.fsync(self.fileno())
        except OSError as error:
            raise StoreAway() from error

    def close(self) -> None:
        """Let the file go; if it was not kept, it is gone."""
        super().close()
        with suppress(FileNotFoundError):
            os.unlink(self.path)


class SpoolingRequest(Request):
    """A request whose uploads are spooled into the photo store's own folder."""

    form_data_parser_class = FormParser

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._spools: list[Spool] = []

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """A new file for the next upload. Raises StoreAway when there can be none."""
        spool = _spool(number=len(self._spools) + 1)
        self._spools.append(spool)
        return spool

    def close(self) -> None:
        """The request ends: also uploads of a body that was never read to its end vanish."""
        super().close()
        for spool in self._spools:
            spool.close()


def spool_of(upload: FileStorage) -> Spool:
    """The file behind an upload. Raises TypeError for one that did not come through a SpoolingRequest."""
    if not isinstance(upload.stream, Spool):
        raise TypeError("This upload was not spooled.")
    return upload.stream


def sweep_incoming(*, older_than: timedelta | None = None) -> int:
    """Delete uploads that no running request can still need; how many. Safe to repeat: what is gone is gone."""
    keep = older_than or current_app.config["PHOTO_INCOMING_KEEP"]
    swept = 0
    for path in store().incoming.glob("*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > keep.total_seconds():
                path.unlink()
                swept += 1
    return swept


def _spool(*, number: int) -> Spool:
    path, bytes_max = store().incoming / f"{PREFIX}{secrets.token_hex(16)}", current_app.config["PHOTO_BYTES_MAX"]
    try:
        try:
            return Spool(path, number=number, bytes_max=bytes_max)
        except FileNotFoundError:                   # the first upload ever
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Spool(path, number=number, bytes_max=bytes_max)
    except OSError as error:
        raise StoreAway() from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _too_large(number: int, bytes_max: int) -> PhotoTooLarge:
    detail = both("第 {number} 张照片超过 {megabytes} MB，请压缩后再上传",
                  "Photo {number} is larger than {megabytes} MB; send a smaller one",
                  number=number, megabytes=f"{bytes_max / 2**20:g}")
    return PhotoTooLarge(detail, errors=[FieldError(f"#/photos/{number - 1}", detail)])
