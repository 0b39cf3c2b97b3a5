"""Putting boxes on photos and taking them away: a new revision each time, whose copies are made anew."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import Conflict, NotFound
from incident_service.foundation.transaction import for_update
from incident_service.foundation.words import both
from incident_service.photos.models import Photo, Status
from incident_service.photos.press import Box
from incident_service.photos.redacted import BoxKind, Redaction

BOXES_MAX = 200


class TooManyBoxes(Conflict):
    """There are as many boxes on the photo as may be."""
    slug, title = "photo-boxes-too-many", both("照片上的遮挡框过多", "Too many boxes on the photo")


def boxes_on(photo_id: UUID) -> Sequence[Redaction]:
    """The boxes that now lie on a photo, the first one first."""
    return db.session.scalars(
        select(Redaction).where(Redaction.photo_id == photo_id, Redaction.removed_at.is_(None))
        .order_by(Redaction.id)).all()


def redact(photo_id: UUID, boxes: Sequence[tuple[BoxKind, Box]], *, by_id: UUID) -> list[Redaction]:
    """Put boxes on a photo, in the open transaction. Its copies so far are not shown from the commit on.

    Not safe to repeat by itself. Raises TooManyBoxes.
    """
    photo = _revised(photo_id)
    if len(boxes_on(photo_id)) + len(boxes) > BOXES_MAX:
        raise TooManyBoxes()
    put = [Redaction(id=new_id(), photo_id=photo.id, kind=kind, left_part=box.left, top_part=box.top,
                     width_part=box.width, height_part=box.height, added_by_id=by_id) for kind, box in boxes]
    db.session.add_all(put)
    return put


def unveil(photo_id: UUID, box_id: UUID, *, by_id: UUID) -> Redaction:
    """Take a box away, in the open transaction: likewise a new revision. Raises NotFound."""
    found = db.session.get(Redaction, box_id)
    if found is None or found.photo_id != photo_id or found.removed_at is not None:
        raise NotFound()
    _revised(photo_id)
    found.removed_by_id, found.removed_at = by_id, clock.now()
    return found


def _revised(photo_id: UUID) -> Photo:
    """The photo with a new revision, locked, and the promise of its copies. Where the original is not kept any more no
    other copy can be made, so the photo is hidden as a whole."""
    photo = db.session.execute(for_update(select(Photo).where(Photo.id == photo_id))).scalar_one()
    photo.revision += 1
    if photo.original_gone_at:
        photo.status = Status.UNREADABLE
        enqueue("workers.media.drop_copies", photo_id=str(photo.id))
        return photo
    photo.status = Status.SEALED
    enqueue("workers.media.cut_sizes", photo_id=str(photo.id))
    return photo
