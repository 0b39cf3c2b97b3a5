"""Giving up what photos show and say, when their time has come. All of it inside the caller's transaction.

The bytes of an original may be those of another photo as well: the sweep takes them when no photo needs them any more.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import current_unit
from incident_service.photos.copies import find
from incident_service.photos.models import Photo, Status
from incident_service.photos.sealed import OriginalLook, OriginalRequest
from incident_service.photos.stores import store


def forget_places(photo_ids: Sequence[UUID]) -> None:
    """Erase where photos say they were taken. Safe to repeat."""
    _change(photo_ids, exif_longitude=None, exif_latitude=None)


def give_up_originals(photo_ids: Sequence[UUID]) -> bool:
    """Keep photos as they were sent no longer; their copies stay. One without copies is kept: whether none was. Safe to
    repeat."""
    _change(photo_ids, Photo.original_gone_at.is_(None), Photo.status != Status.SEALED, original_gone_at=clock.now())
    kept = select(Photo.id).where(Photo.id.in_(photo_ids), Photo.original_gone_at.is_(None))
    return not db.session.scalar(select(kept.exists()))


def take_away(photo_ids: Sequence[UUID]) -> None:
    """Keep nothing of photos but that they were there, nor why anybody looked at them. Safe to repeat."""
    forget_places(photo_ids)
    for model in (OriginalRequest, OriginalLook):
        db.session.execute(update(model).where(model.photo_id.in_(photo_ids)).values(reason="")
                           .execution_options(synchronize_session=False))
    _change(photo_ids, status=Status.UNREADABLE, device=None, captured_claim=None, captured_at=None)
    give_up_originals(photo_ids)
    for id in photo_ids:
        enqueue("workers.media.drop_copies", photo_id=str(id))


def give_to(photo_ids: Sequence[UUID], sender_id: UUID, nobody_id: UUID) -> None:
    """Let nobody have sent what somebody sent of these photos. Safe to repeat."""
    _change(photo_ids, Photo.sent_by_id == sender_id, sent_by_id=nobody_id)


def drop_copies(photo_id: UUID) -> None:
    """Delete the copies of a photo that was taken away. Safe to repeat: what is gone is gone."""
    if find(photo_id).status is Status.UNREADABLE:
        store().delete_copies(photo_id)


def _change(photo_ids: Sequence[UUID], *which: ColumnElement[bool], **values: Any) -> None:
    current_unit()
    db.session.execute(update(Photo).where(Photo.id.in_(photo_ids), *which).values(values)
                       .execution_options(synchronize_session=False))
