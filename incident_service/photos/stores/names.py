"""What both kinds of store agree on: names, what a walk tells, and what is raised when a store is away."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from incident_service.foundation.problems import Unavailable
from incident_service.foundation.words import both

ORIGINALS, COPIES, INCOMING = "originals", "copies", "incoming"
SUFFIX = ".jpg"


class StoreAway(Unavailable):
    """The photo store cannot be reached, read or written. Nothing was half made."""
    slug, title = "photo-store-away", both("照片存储暂时不可用，请稍后重试", "The photo store is away, try again")


class Kept(NamedTuple):
    """One sealed original, as a walk through the store finds it."""

    sha256: str
    byte_count: int
    modified_at: datetime


class KeptCopy(NamedTuple):
    """One copy, as a walk through the store finds it."""

    photo_id: UUID
    name: str
    modified_at: datetime


def is_id(name: str) -> bool:
    """Whether a folder of copies is named for a photo."""
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def original_name(sha256: str) -> str:
    """Where the bytes with this digest lie."""
    return f"{ORIGINALS}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def copies_name(photo_id: UUID) -> str:
    """Where a photo's copies lie together."""
    return f"{COPIES}/{photo_id}"


def copy_name(photo_id: UUID, size: str) -> str:
    """Where one copy of a photo lies."""
    return f"{copies_name(photo_id)}/{size}{SUFFIX}"
