"""A photo's copies: made by the media worker, read by whoever may see them."""

from uuid import UUID

import structlog

from incident_service.foundation.database import db
from incident_service.foundation.problems import NotFound
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.photos.intake import press
from incident_service.photos.models import Photo, Size, Status
from incident_service.photos.press import Refused
from incident_service.photos.stores import store

RETRY_AFTER_S = 2
log = structlog.get_logger(__name__)


class PhotoNotReady(NotFound):
    """The copy is still being made."""
    slug, title = "photo-not-ready", both("照片正在处理，请稍后再看", "The photo is being prepared, try again")


class PhotoUnreadable(NotFound):
    """The copy could not be made and never will be."""
    slug, title = "photo-unreadable", both("照片无法显示", "The photo cannot be shown")


def cut_sizes(photo_id: UUID) -> None:
    """Make the copies of a sealed photo that last; it ends as `ready`, or as `unreadable` for everybody to see.

    Safe to repeat: a copy is replaced by the same copy. Raises what may heal: StoreAway, PressAway, and
    FileNotFoundError when the original is not in the store.
    """
    photo = find(photo_id)
    if photo.status is not Status.UNREADABLE and not _is_done(photo):
        status = _made(photo)
        with transaction():
            find(photo_id).status = status


def read(photo: Photo, size: Size) -> bytes:
    """A copy, as JPEG. Raises PhotoNotReady while it is being made, PhotoUnreadable when it will never be."""
    found = store().read_copy(photo.id, size)
    if found is not None:
        return found
    if photo.status is Status.UNREADABLE:
        raise PhotoUnreadable()
    raise PhotoNotReady(retry_after_s=RETRY_AFTER_S)


def find(photo_id: UUID) -> Photo:
    """The photo. Raises NotFound."""
    photo = db.session.get(Photo, photo_id)
    if photo is None:
        raise NotFound()
    return photo


def _is_done(photo: Photo) -> bool:
    kept = store()
    return photo.status is Status.READY and all(kept.read_copy(photo.id, size) for size in (Size.THUMB, Size.SCREEN))


def _made(photo: Photo) -> Status:
    """Make both copies, and tell how that ended. The thumbnail of the intake is only put down for good."""
    kept = store()
    try:
        with kept.original(photo.sha256) as path:
            screen = press().screen(path)
            thumb = kept.read_copy(photo.id, Size.THUMB) or press().inspect(path).thumb
    except Refused as refused:
        log.warning("photo-unreadable", photo_id=str(photo.id), reason=refused.reason)
        return Status.UNREADABLE
    kept.put_copy(photo.id, Size.SCREEN, screen, lasting=True)
    kept.put_copy(photo.id, Size.THUMB, thumb, lasting=True)
    return Status.READY
