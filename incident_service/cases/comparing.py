"""Seen before? The pictures of a case against all that were ever sent, in whichever case."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, select

from incident_service import photos
from incident_service.cases import history
from incident_service.cases.access import locked
from incident_service.cases.models import Case, CasePhoto, CaseWarning, Flag, Stage
from incident_service.cases.pseudonyms import mark
from incident_service.cases.workflow import Move
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_if_absent
from incident_service.foundation.transaction import transaction
from incident_service.photos import Hit, Photo

NOT_COMPARED = select(Photo).join(CasePhoto, CasePhoto.photo_id == Photo.id).where(
    CasePhoto.case_id == bindparam("case_id"), Photo.compared_as.is_(None))


def compare_pictures(case_id: UUID) -> None:
    """Compare a case's pictures with all earlier ones. Safe to repeat: what was compared is left alone."""
    with transaction():
        compare_within(locked(case_id), db.session.scalars(NOT_COMPARED, {"case_id": case_id}).all())


def compare_within(case: Case, pictures: Iterable[Photo]) -> bool:
    """The same of a case's `pictures` in the open transaction, once at most; whether any had not been compared. The
    case's row must be locked.

    Of two alike pictures the one received later is warned of, in its own case; the line of history stands in the
    case that was being compared when the two met.
    """
    new = [photo for photo in pictures if photo.compared_as is None]
    if not new:
        return False
    for hit in photos.compare(new):
        later, earlier = _of_case(hit.later), _of_case(hit.earlier)
        if later and earlier and not _is_own_again(later, earlier, hit):
            _warn(case, hit, later, earlier)
    return True


def _of_case(photo: Photo) -> CasePhoto | None:
    return db.session.get(CasePhoto, photo.id)


def _is_own_again(later: CasePhoto, earlier: CasePhoto, hit: Hit) -> bool:
    """Whether somebody sent one picture twice in the same step of one case: no use of another's evidence."""
    return (later.case_id, later.stage, later.dispatch_id, hit.later.sent_by_id) == (
        earlier.case_id, earlier.stage, earlier.dispatch_id, hit.earlier.sent_by_id)


def _warn(case: Case, hit: Hit, later: CasePhoto, earlier: CasePhoto) -> None:
    flag = Flag.SAME_FILE if hit.is_same_file else Flag.LOOKS_ALIKE
    is_new = insert_if_absent(
        CaseWarning.__table__, id=new_id(), case_id=later.case_id, flag=flag, stage=later.stage,      # type: ignore[arg-type]
        photo_id=later.photo_id, other_photo_id=earlier.photo_id, other_case_id=earlier.case_id, figures={},
        found_at=clock.now())
    if is_new:
        history.note(case, Move.WARN, by_id=None, flag=flag, photo_id=str(later.photo_id),
                     in_case=_number(later.case_id), earlier_photo_id=str(earlier.photo_id),
                     earlier_case=_number(earlier.case_id), earlier_sender=sender_mark(hit.earlier, earlier))


def sender_mark(photo: Photo, place: CasePhoto) -> str | None:
    """The mark, in that case, of whoever reported a picture; None for a responder's."""
    return mark(place.case_id, photo.sent_by_id) if place.stage is Stage.BEFORE else None


def _number(case_id: UUID) -> str | None:
    case = db.session.get(Case, case_id)
    return case.number if case else None
