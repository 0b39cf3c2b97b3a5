"""Taking photos in: first looked at and sealed on disk, then named in the caller's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app
from werkzeug.datastructures import FileStorage

from incident_service.foundation import clock
from incident_service.foundation.database import new_id
from incident_service.foundation.inserting import insert_new
from incident_service.foundation.outbox import enqueue
from incident_service.photos.incoming import Spool, spool_of
from incident_service.photos.models import Photo, Size
from incident_service.photos.press import Limits, Picture, Press, PressAway, Refused
from incident_service.photos.refusals import PressUnreachable, refuse, refuse_count
from incident_service.photos.stores import store
from incident_service.photos.sweeping import check_not_swept

FIRST_CAMERAS = datetime(1990, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A photo that lies in the store and that nothing names yet."""

    id: UUID
    sha256: str
    byte_count: int
    picture: Picture
    received_at: datetime


Times = list[datetime | None]


def _whatever(_: Times) -> None:
    """No objection."""


def take_in(uploads: Sequence[FileStorage], *, object_to: Callable[[Times], None] = _whatever) -> list[Sealed]:
    """Look at all uploads, and seal all or none. When this returns, the originals survive a power cut.

    To be called before the transaction that names them. `object_to` is told when each was taken, where that can be
    believed, before anything is kept; what it raises refuses them all. Raises PhotosRefused, PhotoTypeRefused or
    PhotoCountRefused; StoreAway and PressUnreachable when nothing can be said about the photos.
    """
    if not 1 <= len(uploads) <= current_app.config["PHOTO_COUNT_MAX"]:
        raise refuse_count(current_app.config["PHOTO_COUNT_MAX"])
    spools = [spool_of(upload) for upload in uploads]
    pictures = _looked_at(spools)
    object_to([moment_of(picture.captured, received_at=clock.now()) for picture in pictures])
    return [_sealed(spool, picture) for spool, picture in zip(spools, pictures, strict=True)]


def keep(sealed: Sequence[Sealed], *, by_id: UUID) -> list[Photo]:
    """Name sealed photos in the open transaction, and promise their other copies. Raises StoreAway: send them again."""
    check_not_swept(each.sha256 for each in sealed)
    received = [_photo(each, by_id) for each in sealed]
    insert_new(received)
    for photo in received:
        enqueue("workers.media.cut_sizes", photo_id=str(photo.id))
    return received


def press() -> Press:
    """The press of the current application."""
    return Press(current_app.config["PHOTO_PRESS"], Limits.of(current_app.config))


def unhurried_press() -> Press:
    """The press for work that nobody waits for: it yields to everything else."""
    return Press(current_app.config["PHOTO_COPIES_PRESS"], Limits.of(current_app.config).unhurried())


def moment_of(claim: str | None, *, received_at: datetime) -> datetime | None:
    """The moment a camera claims, in UTC; without a zone in the claim, by the clocks of the installation's city.

    A camera that puts its picture into the future, or before there were such cameras, has a wrong clock: None.
    """
    if claim is None:
        return None
    moment = datetime.fromisoformat(claim)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(current_app.config["TIME_ZONE"]))
    return moment.astimezone(UTC) if FIRST_CAMERAS <= moment <= received_at + CLOCKS_DIFFER_BY else None


def _looked_at(spools: Sequence[Spool]) -> list[Picture]:
    """What the press says of all of them."""
    pictures: list[Picture] = []
    refused: dict[int, Refused] = {}
    for place, spool in enumerate(spools):
        try:
            pictures.append(press().inspect(spool.path, meanwhile=spool.sync))
        except Refused as refusal:
            refused[place] = refusal
        except PressAway as away:
            raise PressUnreachable() from away
    if refused:
        raise refuse(refused)
    return pictures


def _sealed(spool: Spool, picture: Picture) -> Sealed:
    sealed = Sealed(new_id(), spool.sha256, spool.byte_count, picture, clock.now())
    store().put_original(spool.path, sealed.sha256)
    store().put_copy(sealed.id, Size.THUMB, picture.thumb, lasting=False)       # made again by cut_sizes if it is lost
    return sealed


def _photo(sealed: Sealed, by_id: UUID) -> Photo:
    picture = sealed.picture
    return Photo(
        id=sealed.id, sha256=sealed.sha256, byte_count=sealed.byte_count, media_type=picture.media_type,
        width=picture.width, height=picture.height, orientation=picture.orientation, captured_claim=picture.captured,
        captured_at=moment_of(picture.captured, received_at=sealed.received_at), exif_longitude=picture.longitude,
        exif_latitude=picture.latitude, device=picture.device, fingerprint=picture.fingerprint,
        sketch=bytes.fromhex(picture.sketch) or None, bare_fingerprint=picture.bare_fingerprint,
        bare_sketch=bytes.fromhex(picture.bare_sketch) or None,
        received_at=sealed.received_at, sent_by_id=by_id)
