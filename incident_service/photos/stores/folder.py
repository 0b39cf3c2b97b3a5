"""The photo store in a local folder. What it says it keeps survives a power cut."""

import filecmp
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from incident_service.foundation.files import sync
from incident_service.photos.stores.names import (
    COPIES,
    INCOMING,
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

SEALED_MODE = 0o400


class Folder:
    """Originals and copies below `root`."""

    def __init__(self, root: Path) -> None:
        self.root, self.incoming = root, root / INCOMING

    def put_original(self, path: Path, sha256: str) -> None:
        """Seal the file at `path` under its digest; it moves there if nothing lies there yet. Safe to repeat.

        When this returns, bytes and name are on the disk. The bytes go first: a name never shows half a file,
        and when two requests bring the same picture at once it does not matter whose file stays.
        """
        target = self.root / original_name(sha256)
        with _away():
            changed = [target.parent, *folders_made(target.parent)]
            if target.exists() and filecmp.cmp(path, target, shallow=False):
                os.utime(target)            # its age starts anew: a sweep of what nobody names leaves it alone
            else:
                path.chmod(SEALED_MODE)
                sync(path)
                path.replace(target)
            for folder in changed:
                sync(folder)

    def put_copy(self, photo_id: UUID, size: str, jpeg: bytes, *, lasting: bool) -> None:
        """Put or replace a copy as a whole. Only a `lasting` one is sure to survive a power cut, and costs its wait."""
        target = self.root / copy_name(photo_id, size)
        draft = target.with_suffix(f".{secrets.token_hex(4)}")
        with _away():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(jpeg)
            if lasting:
                sync(draft)
            draft.replace(target)
            if lasting:
                sync(target.parent)
                sync(target.parent.parent)

    def read_copy(self, photo_id: UUID, size: str) -> bytes | None:
        """The copy; None when it was not made yet, or was lost in a power cut before it was lasting."""
        with _away():
            try:
                return (self.root / copy_name(photo_id, size)).read_bytes() or None
            except FileNotFoundError:
                return None

    @contextmanager
    def original(self, sha256: str) -> Iterator[Path]:
        """A path under which the sealed bytes can be read inside the block. Raises FileNotFoundError."""
        path = self.root / original_name(sha256)
        path.stat()
        yield path

    def has_original(self, sha256: str) -> bool:
        """Whether bytes lie under this digest."""
        return self.original_size(sha256) is not None

    def original_size(self, sha256: str) -> int | None:
        """How many bytes lie under this digest; None when nothing does."""
        with _away():
            try:
                return (self.root / original_name(sha256)).stat().st_size
            except FileNotFoundError:
                return None

    def delete_original(self, sha256: str) -> None:
        """Take the bytes away, if they are there."""
        with _away():
            (self.root / original_name(sha256)).unlink(missing_ok=True)

    def delete_copies(self, photo_id: UUID) -> None:
        """Take a photo's copies away, if there are any."""
        with _away():
            try:
                shutil.rmtree(self.root / copies_name(photo_id))
            except FileNotFoundError:
                return

    def copies(self, photo_id: UUID) -> list[str]:
        """The names of a photo's copies."""
        return sorted(path.stem for path in (self.root / copies_name(photo_id)).glob(f"*{SUFFIX}"))

    def delete_copy(self, photo_id: UUID, name: str) -> None:
        """Take one copy away, if it is there."""
        with _away():
            (self.root / copy_name(photo_id, name)).unlink(missing_ok=True)

    def parts(self) -> list[str]:
        """The first two letters of every sealed original's digest."""
        return sorted(path.name for path in (self.root / ORIGINALS).glob("??"))

    def walk(self, prefix: str = "") -> Iterator[Kept]:
        """Every sealed original whose digest begins with `prefix` (none or two letters), by digest."""
        for outer in sorted((self.root / ORIGINALS).glob(prefix or "*")):
            for inner in sorted(outer.glob("*")):
                for path, modified_at, byte_count in _files(inner):
                    yield Kept(path.name, byte_count, modified_at)

    def walk_copies(self, since: UUID | None = None) -> Iterator[KeptCopy]:
        """Every copy, of photos from `since` on, photo by photo."""
        names = [path.name for path in (self.root / COPIES).glob("*") if is_id(path.name)]
        for name in sorted(each for each in names if since is None or each >= str(since)):
            for path, modified_at, _ in _files(self.root / COPIES / name):
                if path.suffix == SUFFIX:
                    yield KeptCopy(UUID(name), path.stem, modified_at)

    def check(self) -> None:
        """Raise StoreAway unless the folder can be written."""
        probe = self.root / f".check-{secrets.token_hex(4)}"
        with _away():
            self.root.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()


def _files(folder: Path) -> Iterator[tuple[Path, datetime, int]]:
    """The files of a folder with their age and size; what vanishes meanwhile is left out."""
    for path in sorted(folder.glob("*")):
        with suppress(FileNotFoundError):
            facts = path.stat()
            yield path, datetime.fromtimestamp(facts.st_mtime, UTC), facts.st_size


def folders_made(folder: Path) -> list[Path]:
    """Make `folder`, and what lacks above it; the folders that show a new name now. None when it is there already."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return []
    except FileNotFoundError:
        return [*folders_made(folder.parent), *folders_made(folder)]
    return [folder.parent]


@contextmanager
def _away() -> Iterator[None]:
    """A full, read-only or vanished disk is a store that is away."""
    try:
        yield
    except OSError as error:
        raise StoreAway() from error
