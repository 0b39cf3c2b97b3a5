"""Where pictures lie: sealed originals by their digest, and copies that can be made anew.

`store()` is the store of the current application: a folder, or a bucket of an S3-compatible service. Both keep the
same names below their root, and raise StoreAway when they cannot be reached or written.

    originals/ab/cd/<sha256>                    written once, never changed
    copies/<photo id>/thumb.jpg, screen.jpg     replaced as a whole
    incoming/                                   uploads of requests that still run; always a local folder
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from flask import Flask, current_app

from incident_service.photos.stores.bucket import Bucket
from incident_service.photos.stores.folder import Folder
from incident_service.photos.stores.names import INCOMING, Kept, KeptCopy, StoreAway

__all__ = ["Bucket", "Folder", "Kept", "KeptCopy", "Store", "StoreAway", "store", "store_at"]


class Store(Protocol):
    """What the room asks of either kind. `incoming` is a local folder, on the same disk as a local store."""

    incoming: Path

    def put_original(self, path: Path, sha256: str) -> None: ...
    def put_copy(self, photo_id: UUID, size: str, jpeg: bytes, *, lasting: bool) -> None: ...
    def read_copy(self, photo_id: UUID, size: str) -> bytes | None: ...
    def original(self, sha256: str) -> AbstractContextManager[Path]: ...
    def has_original(self, sha256: str) -> bool: ...
    def original_size(self, sha256: str) -> int | None: ...
    def delete_original(self, sha256: str) -> None: ...
    def delete_copies(self, photo_id: UUID) -> None: ...
    def copies(self, photo_id: UUID) -> list[str]: ...
    def delete_copy(self, photo_id: UUID, name: str) -> None: ...
    def parts(self) -> list[str]: ...
    def walk(self, prefix: str = "") -> Iterator[Kept]: ...
    def walk_copies(self, since: UUID | None = None) -> Iterator[KeptCopy]: ...
    def check(self) -> None: ...


def store() -> Store:
    """The photo store of the current application."""
    app = current_app._get_current_object()         # type: ignore[attr-defined]
    if "photo_store" not in app.extensions:
        app.extensions["photo_store"] = _opened(app, app.config["PHOTO_STORE"])
    return app.extensions["photo_store"]


def store_at(address: str) -> Store:
    """Another store than the application's own, reached with the same access. Raises ValueError."""
    return _opened(current_app._get_current_object(), address)      # type: ignore[attr-defined]


def _opened(app: Flask, name: str) -> Store:
    """The store that is called `file://…` or `s3://bucket/prefix`. Raises ValueError for anything else."""
    address = urlsplit(name)
    access = app.config["PHOTO_STORE_ACCESS"]
    if address.scheme == "file":
        return Folder(Path(unquote(address.path)))
    if address.scheme == "s3":
        return Bucket(address.netloc, address.path.strip("/"), access, app.config["DATA_DIR"] / "photos" / INCOMING)
    raise ValueError(f"A photo store is called {name!r}; it must be file://… or s3://bucket/prefix.")
