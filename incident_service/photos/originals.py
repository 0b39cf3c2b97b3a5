"""Looking at a sealed original: with a reason, with a second person's consent, for a short while, and written down."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from incident_service import accounts
from incident_service.foundation import clock, consent
from incident_service.foundation.consent import WishLapsed
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Forbidden, NotFound
from incident_service.foundation.transaction import current_unit, for_update
from incident_service.foundation.words import both
from incident_service.photos.models import Photo
from incident_service.photos.sealed import Occasion, OriginalLook, OriginalRequest
from incident_service.photos.stores import store

CHUNK_BYTES = 1024 * 1024


class OriginalSealed(Forbidden):
    """The bytes as they came are evidence, and carry the sender's whereabouts."""
    slug, title = "photo-original-sealed", both("原始照片已封存", "The original photo is sealed")


class RequestLapsed(WishLapsed):
    """Nobody agreed in time; the wish must be made anew."""
    slug = "original-request-lapsed"


class OriginalLost(NotFound):
    """The store does not have the bytes any more."""
    slug, title = "photo-original-lost", both("原始照片缺失", "The original photo is not in the store")


def ask(photo: Photo, *, by_id: UUID, reason: str) -> OriginalRequest:
    """Ask to see an original, in the open transaction."""
    current_unit()
    wish = OriginalRequest(id=new_id(), photo_id=photo.id, reason=reason, asked_by_id=by_id)
    db.session.add(wish)
    return wish


def approve(request_id: UUID, *, by_id: UUID) -> OriginalRequest:
    """Agree to a wish, in the open transaction: the original is open to whoever asked for a short while.

    Safe to repeat: the first consent counts. Raises NotFound, SecondPersonNeeded, RequestLapsed.
    """
    wish = db.session.scalar(for_update(select(OriginalRequest).where(OriginalRequest.id == request_id)))
    if wish is None:
        raise NotFound()
    consent.agree(wish, by_id=by_id, are_apart=accounts.are_apart(wish.asked_by_id, by_id),
                  within=current_app.config["ORIGINAL_REQUEST_KEEP"],
                  open_for=current_app.config["ORIGINAL_OPEN"], lapsed=RequestLapsed)
    return wish


def look(photo: Photo, *, by_id: UUID, occasion: Occasion, request_id: UUID | None = None) -> OriginalLook:
    """Write a look down, in the open transaction, before a byte is shown. Raises OriginalSealed without a consent."""
    current_unit()
    open_now = select(OriginalRequest).where(
        OriginalRequest.photo_id == photo.id, OriginalRequest.asked_by_id == by_id,
        OriginalRequest.ends_at > clock.now())
    if request_id is not None:
        open_now = open_now.where(OriginalRequest.id == request_id)
    wish = db.session.scalar(open_now.order_by(OriginalRequest.ends_at.desc()).limit(1))
    if wish is None:
        raise OriginalSealed()
    if not store().has_original(photo.sha256):
        raise OriginalLost()
    seen = OriginalLook(id=new_id(), request_id=wish.id, photo_id=photo.id, by_id=by_id, occasion=occasion,
                        reason=wish.reason)
    db.session.add(seen)
    return seen


def pieces(sha256: str) -> Iterator[bytes]:
    """The bytes of an original, a piece at a time."""
    with store().original(sha256) as path:
        yield from pieces_of(path)


def pieces_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK_BYTES), b"")


def requests_for(photo_ids: Iterable[UUID]) -> Sequence[OriginalRequest]:
    """Every wish to see the originals of these photos, the first one first."""
    return db.session.scalars(select(OriginalRequest).where(OriginalRequest.photo_id.in_(list(photo_ids)))
                              .order_by(OriginalRequest.id)).all()


def looks_at(photo_ids: Iterable[UUID]) -> Sequence[OriginalLook]:
    """Every look at the originals of these photos, the first one first."""
    return db.session.scalars(select(OriginalLook).where(OriginalLook.photo_id.in_(list(photo_ids)))
                              .order_by(OriginalLook.id)).all()
