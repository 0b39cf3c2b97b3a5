"""The photo store in a bucket of an S3-compatible service."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from incident_service.photos.stores.names import (
    COPIES,
    ORIGINALS,
    SUFFIX,
    Kept,
    KeptCopy,
    StoreAway,
    copies_name,
    copy_name,
    is_id,
    original_name,
)

CONNECT_SECONDS_MAX = 3
ANSWER_SECONDS_MAX = 20
RETRIES_MAX = 1
CHUNK_BYTES = 1024 * 1024


class Bucket:
    """Originals and copies below `prefix` in one bucket; what must be read by path is lent out from `incoming`."""

    def __init__(self, bucket: str, prefix: str, access: Mapping[str, str], incoming: Path) -> None:
        self.bucket, self.prefix, self.access, self.incoming = bucket, prefix, dict(access), incoming

    @cached_property
    def remote(self) -> S3Store:
        """The way to the service: made when first used, as it starts threads and a process may fork before."""
        return S3Store(
            self.bucket, prefix=self.prefix or None,
            config={name: value for name, value in self.access.items() if value},      # type: ignore[arg-type]
            virtual_hosted_style_request=not self.access.get("endpoint"),
            client_options={"allow_http": True, "connect_timeout": f"{CONNECT_SECONDS_MAX}s",
                            "timeout": f"{ANSWER_SECONDS_MAX}s"},
            retry_config={"max_retries": RETRIES_MAX, "retry_timeout": timedelta(seconds=ANSWER_SECONDS_MAX)},
        )

    def put_original(self, path: Path, sha256: str) -> None:
        """Seal the file at `path` under its digest, if nothing of its size lies there yet. Safe to repeat.

        The service has the bytes when this returns. Two requests that bring the same picture write the same bytes.
        """
        with _away():
            if self._size(original_name(sha256)) != path.stat().st_size:
                obstore.put(self.remote, original_name(sha256), path)

    def put_copy(self, photo_id: UUID, size: str, jpeg: bytes, *, lasting: bool) -> None:
        """Put or replace a copy as a whole; here every copy is `lasting`."""
        with _away():
            obstore.put(self.remote, copy_name(photo_id, size), jpeg, attributes={"Content-Type": "image/jpeg"})

    def read_copy(self, photo_id: UUID, size: str) -> bytes | None:
        """The copy; None when it was not made yet."""
        with _away():
            try:
                return bytes(obstore.get(self.remote, copy_name(photo_id, size)).bytes())
            except FileNotFoundError:
                return None

    @contextmanager
    def original(self, sha256: str) -> Iterator[Path]:
        """A path under which the sealed bytes can be read inside the block. Raises FileNotFoundError."""
        if not self.has_original(sha256):
            raise FileNotFoundError(sha256)
        self.incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.incoming, prefix="lent-") as file:
            with _away():
                for chunk in obstore.get(self.remote, original_name(sha256)).stream(min_chunk_size=CHUNK_BYTES):
                    file.write(chunk)
            file.flush()
            yield Path(file.name)

    def has_original(self, sha256: str) -> bool:
        """Whether bytes lie under this digest."""
        return self.original_size(sha256) is not None

    def original_size(self, sha256: str) -> int | None:
        """How many bytes lie under this digest; None when nothing does."""
        with _away():
            return self._size(original_name(sha256))

    def delete_original(self, sha256: str) -> None:
        """Take the bytes away, if they are there."""
        with _away():
            obstore.delete(self.remote, original_name(sha256))

    def delete_copies(self, photo_id: UUID) -> None:
        """Take a photo's copies away, if there are any."""
        with _away():
            obstore.delete(self.remote, [each["path"] for each in self._listed(copies_name(photo_id))])

    def copies(self, photo_id: UUID) -> list[str]:
        """The names of a photo's copies."""
        with _away():
            return sorted(PurePath(each["path"]).stem for each in self._listed(copies_name(photo_id)))

    def delete_copy(self, photo_id: UUID, name: str) -> None:
        """Take one copy away, if it is there."""
        with _away():
            obstore.delete(self.remote, copy_name(photo_id, name))

    def walk_copies(self, since: UUID | None = None) -> Iterator[KeptCopy]:
        """Every copy, of photos from `since` on, photo by photo."""
        with _away():
            for each in self._listed(COPIES, offset=copies_name(since) if since else None):
                path = PurePath(each["path"])
                if path.suffix == SUFFIX and is_id(path.parent.name):
                    yield KeptCopy(UUID(path.parent.name), path.stem, each["last_modified"])

    def parts(self) -> list[str]:
        """The first two letters of every sealed original's digest."""
        with _away():
            folders = obstore.list_with_delimiter(self.remote, ORIGINALS)["common_prefixes"]
            return sorted(PurePath(each).name for each in folders)

    def walk(self, prefix: str = "") -> Iterator[Kept]:
        """Every sealed original whose digest begins with `prefix` (none or two letters), by digest."""
        with _away():
            for each in self._listed(f"{ORIGINALS}/{prefix}"):
                yield Kept(each["path"].rpartition("/")[2], each["size"], each["last_modified"])

    def check(self) -> None:
        """Raise StoreAway unless the service answers for this bucket."""
        with _away():
            obstore.list_with_delimiter(self.remote, "no-such-folder")

    def _size(self, name: str) -> int | None:
        try:
            return obstore.head(self.remote, name)["size"]
        except FileNotFoundError:
            return None

    def _listed(self, folder: str, offset: str | None = None) -> Iterator[Any]:
        for batch in obstore.list(self.remote, folder, offset=offset):
            yield from batch


@contextmanager
def _away() -> Iterator[None]:
    """Whatever the service cannot do now is a store that is away."""
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise StoreAway() from error
