"""Looking at the sealed originals of a case: the desk and the supervisors of its area, two of them together."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from incident_service import photos
from incident_service.accounts import Account, Role
from incident_service.cases import access
from incident_service.cases.models import Case, CasePhoto
from incident_service.cases.redaction import picture
from incident_service.foundation.database import db
from incident_service.foundation.problems import Forbidden, NotFound
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.photos import Occasion, OriginalLook, OriginalRequest, OriginalSealed, Photo

KEEPERS = (Role.DESK, Role.SUPERVISOR)


class NotAKeeper(Forbidden):
    """The caller may see the case, but has no say about its evidence."""
    slug, title = "case-evidence-not-yours", both("您无权处理此案卷的证据", "You have no say about its evidence")


def ask_for_original(number: str, photo_id: UUID, *, by: Account, reason: str) -> OriginalRequest:
    """Ask to see the original of a picture, and say why. Raises CaseUnknown, NotFound, NotAKeeper."""
    with transaction():
        case, photo = picture(number, photo_id, by=by)
        check_keeper(by, case)
        return photos.ask(photo, by_id=by.id, reason=reason)


def approve_original(number: str, request_id: UUID, *, by: Account) -> OriginalRequest:
    """Agree that whoever asked sees the original, for a short while.

    Safe to repeat. Raises CaseUnknown, NotFound, NotAKeeper, SecondPersonNeeded, RequestLapsed.
    """
    with transaction():
        case = access.find(number, by=by)
        check_keeper(by, case)
        if request_id not in {each.id for each in _requests(case)}:
            raise NotFound()
        return photos.approve(request_id, by_id=by.id)


def original_log(number: str, *, by: Account) -> tuple[Sequence[OriginalRequest], Sequence[OriginalLook]]:
    """Who asked for which original and why, who agreed, and every look. Raises CaseUnknown, NotAKeeper."""
    case = access.find(number, by=by)
    check_keeper(by, case)
    return _requests(case), photos.looks_at(_photo_ids(case))


def look_at_original(photo_id: UUID, *, by: Account) -> Photo:
    """The picture whose original may be shown now; the look is written down. Raises NotFound, OriginalSealed."""
    with transaction():
        photo = access.find_photo(photo_id, by=by)
        _check_open(by, photo)
        photos.look(photo, by_id=by.id, occasion=Occasion.PHOTO)
        return photo


def look_in_bundle(case: Case, request_ids: Sequence[UUID], *, by: Account) -> list[Photo]:
    """The pictures whose originals go into a bundle by these wishes; each look is written down.

    Raises NotFound for a wish of another case, OriginalSealed.
    """
    wishes = {each.id: each for each in _requests(case)}
    if not set(request_ids) <= wishes.keys():
        raise NotFound()
    with transaction():
        shown = {id: db.session.get_one(Photo, wishes[id].photo_id) for id in request_ids}
        for id, photo in shown.items():
            photos.look(photo, by_id=by.id, occasion=Occasion.BUNDLE, request_id=id)
    return list(dict.fromkeys(shown.values()))


def check_keeper(by: Account, case: Case) -> None:
    """Raises NotAKeeper for whoever is neither desk nor supervisor of the area the case lies in."""
    if not access.reaches(by, case, *KEEPERS):
        raise NotAKeeper()


def _check_open(by: Account, photo: Photo) -> None:
    """Whoever lost their role meanwhile sees nothing any more."""
    place = db.session.get_one(CasePhoto, photo.id)
    if not access.reaches(by, db.session.get_one(Case, place.case_id), *KEEPERS):
        raise OriginalSealed()


def _photo_ids(case: Case) -> list[UUID]:
    return list(db.session.scalars(select(CasePhoto.photo_id).where(CasePhoto.case_id == case.id)))


def _requests(case: Case) -> Sequence[OriginalRequest]:
    return photos.requests_for(_photo_ids(case))
