"""One picture of a case: before and after side by side, each with its time."""

from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from incident_service import photos
from incident_service.accounts import Account
from incident_service.cases import access
from incident_service.cases.models import Case, CasePhoto, Stage
from incident_service.cases.workflow import Who
from incident_service.foundation.database import db
from incident_service.foundation.problems import NotFound
from incident_service.foundation.words import both
from incident_service.photos import Photo


class NothingToCompare(NotFound):
    """The case does not have a picture of before and one of after yet."""
    slug, title = "case-without-two-pictures", both("尚无整改前后的对比图片", "No picture of before and after yet")


class Pair(NamedTuple):
    """What is laid side by side: the first picture of the first report, the first one of the last rectification."""

    before: Photo
    after: Photo


def lay_side_by_side(case_id: UUID) -> None:
    """Make the picture of before and after, if the case has both. Safe to repeat: what is made is left.

    Raises CopiesAwaited, which heals.
    """
    pictures = _pictures(case_id)
    pair = _pair(pictures)
    if pair is None:
        return
    try:
        photos.lay_beside(*pair, [_caption(word, photo) for word, photo in zip(("BEFORE", "AFTER"), pair, strict=True)])
    finally:
        for place, photo in pictures:
            if place.stage is Stage.AFTER:
                photos.tidy_beside(photo, before=pair.before, after=pair.after)


def side_by_side(number: str, *, by: Account) -> bytes:
    """The picture, as JPEG, for whoever may see the case. Raises CaseUnknown, NothingToCompare, PhotoNotReady."""
    case = access.find_seen(number, by=by)
    if access.acting_as(by, case) == {Who.REPORTER} and not _is_own(case, by):
        raise NothingToCompare()                    # what another resident sent is not theirs to see
    return read_side_by_side(case)


def _is_own(case: Case, by: Account) -> bool:
    pair = _pair(_pictures(case.id))
    return pair is not None and pair.before.sent_by_id == by.id


def read_side_by_side(case: Case) -> bytes:
    """The picture of a case, as JPEG. Raises NothingToCompare, PhotoNotReady, PhotoUnreadable."""
    pair = _pair(_pictures(case.id))
    if pair is None:
        raise NothingToCompare()
    return photos.read_beside(*pair)


def _pictures(case_id: UUID) -> list[tuple[CasePhoto, Photo]]:
    rows = db.session.execute(select(CasePhoto, Photo).join(Photo, Photo.id == CasePhoto.photo_id)
                              .where(CasePhoto.case_id == case_id).order_by(CasePhoto.photo_id))
    return [(place, photo) for place, photo in rows]


def _pair(pictures: list[tuple[CasePhoto, Photo]]) -> Pair | None:
    before = [photo for place, photo in pictures if place.stage is Stage.BEFORE]
    after = [(place, photo) for place, photo in pictures if place.stage is Stage.AFTER]
    if not before or not after:
        return None
    last = after[-1][0].dispatch_id
    return Pair(before[0], next(photo for place, photo in after if place.dispatch_id == last))


def _caption(word: str, photo: Photo) -> str:
    """When it was taken, if the camera can be believed, else received; by the clocks of the city."""
    zone = ZoneInfo(current_app.config["TIME_ZONE"])
    moment = (photo.captured_at or photo.received_at).astimezone(zone)
    return f"{word}  {moment:%Y-%m-%d %H:%M:%S %z}  {'taken' if photo.captured_at else 'received'}"
