"""Seen before? Every photo is compared with all that were compared before it, by its bytes and by its look."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import undefer

from incident_service.foundation.database import db
from incident_service.foundation.transaction import alone, current_unit
from incident_service.photos.gallery import Gallery, gallery
from incident_service.photos.likeness import ALIKE, likeness, sketches_of
from incident_service.photos.models import Photo

Key = TypeVar("Key", bound=Hashable)
SAME_FILE_MAX = 20          # one file sent a thousand times need not be named a thousand times


class Hit(NamedTuple):
    """Two photos that are one picture: the later one as received, the earlier one, and whether byte for byte."""

    later: Photo
    earlier: Photo
    is_same_file: bool


def compare(photos: Iterable[Photo]) -> list[Hit]:
    """Compare photos with all that were compared before, and with one another; what was compared is left alone.

    Must be called inside a transaction, once at most. One transaction compares at a time, in the whole
    installation, so that of any two photos exactly one finds the other.
    """
    current_unit()
    alone("photos.compare")
    new = db.session.scalars(
        select(Photo).where(Photo.id.in_([each.id for each in photos]), Photo.compared_as.is_(None)).order_by(Photo.id)
        .options(undefer(Photo.sketch), undefer(Photo.bare_sketch))
        .execution_options(populate_existing=True)).all()
    if not new:
        return []
    hung = gallery()
    with hung.lock:
        hung.read_on()
        hits = [hit for place, photo in enumerate(new) for hit in _hits(photo, hung, new[:place])]
        for number, photo in enumerate(new, hung.last_number + 1):
            photo.compared_as = number
    db.session.flush()
    return hits


def _hits(photo: Photo, hung: Gallery, before: Sequence[Photo]) -> Iterator[Hit]:
    same = [*_of_same_bytes(photo), *(each for each in before if each.sha256 == photo.sha256)]
    yield from (_hit(photo, each, True) for each in same)
    known = {each.id for each in same}
    alike = (*search(photo, hung),
             *confirmed(photo, [(each, _kept(each.sketch, each.bare_sketch)) for each in before]))
    yield from (_hit(photo, each, False) for each in alike if each.id not in known)


def _hit(one: Photo, other: Photo, is_same_file: bool) -> Hit:
    earlier, later = sorted((one, other), key=lambda photo: photo.id)
    return Hit(later, earlier, is_same_file)


def _of_same_bytes(photo: Photo) -> Sequence[Photo]:
    return db.session.scalars(
        select(Photo).where(Photo.sha256 == photo.sha256, Photo.compared_as.is_not(None))
        .order_by(Photo.id).limit(SAME_FILE_MAX)).all()


def search(photo: Photo, hung: Gallery) -> Sequence[Photo]:
    """The photos in the gallery that look like this one: near by fingerprint, then confirmed by their sketches."""
    near = hung.near([each for each in (photo.fingerprint, photo.bare_fingerprint) if each])
    if not near:
        return []
    rows = db.session.execute(select(Photo.id, Photo.sketch, Photo.bare_sketch).where(
        Photo.compared_as.in_([each.number for each in near]))).all()
    ids = confirmed(photo, [(row.id, _kept(row.sketch, row.bare_sketch)) for row in rows])
    return db.session.scalars(select(Photo).where(Photo.id.in_(ids)).order_by(Photo.id)).all() if ids else []


def confirmed(photo: Photo, others: Iterable[tuple[Key, list[bytes]]]) -> list[Key]:
    """Those with a sketch like one of the photo's. A photo without any, too plain for one, is like no other."""
    mine = _kept(photo.sketch, photo.bare_sketch)
    theirs = [(key, sketch) for key, sketches in others for sketch in sketches]
    if not mine or not theirs:
        return []
    greys = sketches_of([sketch for _, sketch in theirs])
    best = np.max([likeness(each, greys) for each in sketches_of(mine)], axis=0)
    return list(dict.fromkeys(key for (key, _), alike in zip(theirs, best, strict=True) if alike >= ALIKE))


def _kept(*sketches: bytes | None) -> list[bytes]:
    return [each for each in sketches if each]
