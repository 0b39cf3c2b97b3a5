"""Before and after in one picture, made from two photos' present copies, and kept beside the later one's."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from incident_service.foundation.problems import Unavailable
from incident_service.foundation.words import both
from incident_service.photos.copies import RETRY_AFTER_S, PhotoNotReady, PhotoUnreadable, read
from incident_service.photos.intake import unhurried_press
from incident_service.photos.models import Photo, Size
from incident_service.photos.press import Refused
from incident_service.photos.stores import store

PREFIX = "beside-"


class CopiesAwaited(Unavailable):
    """The copies it is made from are still being made."""
    slug, title = "photo-copies-awaited", both("照片副本尚未生成", "The copies are still being made")


def lay_beside(before: Photo, after: Photo, captions: Sequence[str]) -> None:
    """Make the picture of both, if their present copies are not in one yet. Safe to repeat.

    Raises CopiesAwaited, which heals; PhotoUnreadable, which does not; StoreAway, PressAway.
    """
    name = _name(before, after)
    if store().read_copy(after.id, name) is not None:
        return
    try:
        with _lent(before) as left, _lent(after) as right:
            jpeg = unhurried_press().beside(left, right, captions)
    except PhotoNotReady as early:
        raise CopiesAwaited() from early
    except Refused as refused:
        raise PhotoUnreadable() from refused
    store().put_copy(after.id, name, jpeg, lasting=True)


def tidy_beside(later: Photo, *, before: Photo, after: Photo) -> None:
    """Take every picture kept beside `later` away but the present one: they show what must not be seen any more."""
    for name in store().copies(later.id):
        if name.startswith(PREFIX) and (later.id != after.id or name != _name(before, after)):
            store().delete_copy(later.id, name)


def read_beside(before: Photo, after: Photo) -> bytes:
    """The picture of both, as JPEG. Raises PhotoNotReady; PhotoUnreadable when it will never be."""
    found = store().read_copy(after.id, _name(before, after))
    if found is None:
        for photo in (before, after):
            read(photo, Size.SCREEN)
        raise PhotoNotReady(retry_after_s=RETRY_AFTER_S)
    return found


def _name(before: Photo, after: Photo) -> str:
    """Another one whenever the boxes on either change."""
    return f"{PREFIX}{before.id.hex}-{before.revision}-{after.revision}"


@contextmanager
def _lent(photo: Photo) -> Iterator[Path]:
    """A path under which the photo's screen copy can be read inside the block."""
    jpeg, folder = read(photo, Size.SCREEN), store().incoming
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"lent-{secrets.token_hex(8)}"
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(jpeg)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
