"""A photo's copies: made by the media worker, read by whoever may see them."""

from uuid import UUID

import structlog
from sqlalchemy import select

from incident_service.foundation.database import db
from incident_service.foundation.problems import NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.photos.intake import unhurried_press
from incident_service.photos.models import Photo, Size, Status
from incident_service.photos.press import Refused
from incident_service.photos.redaction import boxes_on
from incident_service.photos.stores import store

RETRY_AFTER_S = 2
COPIED = (Size.THUMB, Size.SCREEN)
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
    revision = photo.revision
    if photo.status is not Status.UNREADABLE and not _is_done(photo):
        status = _made(photo)
        with transaction():
            _settle(photo_id, revision, status)
    _tidy(photo_id, revision)


def read(photo: Photo, size: Size) -> bytes:
    """A copy, as JPEG. Raises PhotoNotReady while it is being made, PhotoUnreadable when it will never be."""
    found = store().read_copy(photo.id, photo.copy_name(size))
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
    return photo.status is Status.READY and all(kept.read_copy(photo.id, photo.copy_name(size)) for size in COPIED)


def _settle(photo_id: UUID, revision: int, status: Status) -> None:
    """Note how it ended, unless the boxes changed meanwhile: then another job is promised for them."""
    photo = db.session.execute(for_update(select(Photo).where(Photo.id == photo_id))).scalar_one()
    if photo.revision == revision:
        photo.status = status


def _tidy(photo_id: UUID, revision: int) -> None:
    """Take the copies of earlier revisions out of the store: they show what must not be seen."""
    if revision:
        for name in store().copies(photo_id):
            if is_earlier(name, revision):
                store().delete_copy(photo_id, name)


def is_earlier(name: str, revision: int) -> bool:
    """Whether a copy of this name belongs to a revision before this one."""
    size, _, number = name.partition("-")
    return size in COPIED and int(number or 0) < revision


def _made(photo: Photo) -> Status:
    """Make both copies, and tell how that ended. The thumbnail of the intake is only put down for good."""
    kept = store()
    boxes = [each.box for each in boxes_on(photo.id)]
    try:
        with kept.original(photo.sha256) as path:
            screen = unhurried_press().screen(path, boxes)
            thumb = kept.read_copy(photo.id, photo.copy_name(Size.THUMB)) or unhurried_press().thumb(path, boxes)
    except Refused as refused:
        log.warning("photo-unreadable", photo_id=str(photo.id), reason=refused.reason)
        return Status.UNREADABLE
    kept.put_copy(photo.id, photo.copy_name(Size.SCREEN), screen, lasting=True)
    kept.put_copy(photo.id, photo.copy_name(Size.THUMB), thumb, lasting=True)
    return Status.READY
