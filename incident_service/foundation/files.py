"""Files with secrets in them: readable by their owner alone, and whole or not there."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

OWNER_ONLY = 0o600


@contextmanager
def appearing_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write that bears its name only once it is complete and on the disk; an older one stays until then."""
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(draft, "xb", opener=_private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_names(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)


def _sync_names(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
