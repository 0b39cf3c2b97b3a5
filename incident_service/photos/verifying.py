"""The proof of the store: every photo's files are there and unchanged, and no file lies there for nothing."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import Words, both
from incident_service.photos.copies import COPIED, is_earlier
from incident_service.photos.models import Photo, Status
from incident_service.photos.originals import pieces
from incident_service.photos.stores import Kept, KeptCopy, store
from incident_service.photos.stores.names import copy_name, original_name
from incident_service.photos.sweeping import AT_ONCE, in_batches, known

GRACE = timedelta(hours=1)              # a younger file may belong to a request that still runs


@dataclass
class Proof:
    """How much was looked at; what is wrong is told one by one."""

    grace: timedelta = GRACE
    originals: int = 0
    photos: int = 0
    unreadable: int = 0
    faults: int = 0
    remake: set[UUID] = field(default_factory=set)      # photos of which a copy is missing
    began: datetime = field(default_factory=clock.now)

    def faults_found(self) -> Iterator[Words]:
        """Walk database and store, and say of every file what is wrong with it."""
        for found in (self._originals(), self._copies(), self._orphaned_copies()):
            for fault in found:
                self.faults += 1
                yield fault

    def _originals(self) -> Iterator[Words]:
        """One part of 256 after the other, so that memory does not grow with the city."""
        for prefix in sorted({*store().parts(), *_parts_named()}):
            lying = {kept.sha256: kept for kept in store().walk(prefix)}
            wanted = _named(prefix)
            for sha256 in sorted(wanted - lying.keys()):
                if not store().has_original(sha256):
                    yield both("缺失原件 {name}", "missing original {name}", name=original_name(sha256))
            for sha256 in sorted(lying.keys() & wanted):
                self.originals += 1
                yield from _changed(sha256)
            if strange := lying.keys() - wanted:
                for sha256 in sorted(strange - _given_up(prefix)):
                    yield from self._orphaned(lying[sha256])

    def _orphaned(self, kept: Kept) -> Iterator[Words]:
        if self._is_old(kept.modified_at) and kept.sha256 not in _named(kept.sha256):
            yield both("无主原件 {name}", "orphaned original {name}", name=original_name(kept.sha256))

    def _copies(self) -> Iterator[Words]:
        """Every photo that is ready has the copies of its present revision."""
        for photo in all_photos():
            self.photos += 1
            self.unreadable += photo.status is Status.UNREADABLE
            if photo.status is not Status.READY:
                continue
            lying = store().copies(photo.id)
            for name in (photo.copy_name(size) for size in COPIED):
                if name not in lying and _is_still(photo):
                    self.remake.add(photo.id)
                    yield both("缺失副本 {name}", "missing copy {name}", name=copy_name(photo.id, name))

    def _orphaned_copies(self) -> Iterator[Words]:
        for batch in in_batches(store().walk_copies()):
            photos = known({copy.photo_id for copy in batch})
            for copy in batch:
                if self._is_old(copy.modified_at) and _is_orphan(copy, photos.get(copy.photo_id)):
                    yield both("无主副本 {name}", "orphaned copy {name}", name=copy_name(copy.photo_id, copy.name))

    def _is_old(self, modified_at: datetime) -> bool:
        return modified_at <= self.began - self.grace


def promise_copies(photo_ids: Iterable[UUID]) -> None:
    """Promise the copies of these photos anew. Safe to repeat: what is there is left."""
    with transaction():
        for id in sorted(photo_ids):
            enqueue("workers.media.cut_sizes", photo_id=str(id))


def _parts_named() -> set[str]:
    """The first two letters of every digest a photo names. What is named later is there: nobody names what is not."""
    found = set(db.session.scalars(select(func.substr(Photo.sha256, 1, 2)).distinct()))
    db.session.rollback()
    return found


def _named(prefix: str) -> set[str]:
    found = set(db.session.scalars(select(Photo.sha256).where(
        Photo.sha256.startswith(prefix), Photo.original_gone_at.is_(None)).distinct()))
    db.session.rollback()                   # nothing is held open while files are read
    return found


def _given_up(prefix: str) -> set[str]:
    """What photos named before it was given up: the sweep will take it."""
    found = set(db.session.scalars(select(Photo.sha256).where(
        Photo.sha256.startswith(prefix), Photo.original_gone_at.is_not(None))))
    db.session.rollback()
    return found


def _changed(sha256: str) -> Iterator[Words]:
    digest = hashlib.sha256()
    try:
        for piece in pieces(sha256):
            digest.update(piece)
    except FileNotFoundError:
        yield both("缺失原件 {name}", "missing original {name}", name=original_name(sha256))
        return
    if digest.hexdigest() != sha256:
        yield both("原件已改变 {name}", "changed original {name}", name=original_name(sha256))


def all_photos() -> Iterator[Photo]:
    """Every photo, some hundreds at a time."""
    last = UUID(int=0)
    while page := db.session.scalars(select(Photo).where(Photo.id > last).order_by(Photo.id).limit(AT_ONCE)).all():
        last = page[-1].id
        for photo in page:
            db.session.expunge(photo)
        db.session.rollback()               # nothing is held open while files are read
        yield from page


def _is_still(photo: Photo) -> bool:
    """Whether the photo is as it was when it was read: its boxes may have changed meanwhile."""
    now = db.session.execute(select(Photo.status, Photo.revision).where(Photo.id == photo.id)).one()
    db.session.rollback()
    return tuple(now) == (photo.status, photo.revision)


def _is_orphan(copy: KeptCopy, photo: Photo | None) -> bool:
    return photo is None or is_earlier(copy.name, photo.revision)
