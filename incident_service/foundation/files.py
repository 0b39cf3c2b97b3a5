"""Files that are whole or not there, and readable by their owner alone unless it is said otherwise."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

OWNER_ONLY = 0o600


@contextmanager
def appearing_whole(path: Path, *, mode: int = OWNER_ONLY) -> Iterator[BinaryIO]:
    """A file to write that bears its name only once it is complete and on the disk; an older one stays until then."""
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until the disk has a file's bytes, or what is in a folder and what is there no more."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
