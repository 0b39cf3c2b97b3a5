"""Hiding faces, plates and house numbers on a case's pictures."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from incident_service import photos
from incident_service.accounts import Account, Role
from incident_service.cases import access, history
from incident_service.cases.models import Case, CasePhoto
from incident_service.cases.workflow import Move
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import Forbidden, NotFound
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.photos import Box, BoxKind, Photo, Redaction


class NotToRedact(Forbidden):
    """The caller may see the case, but not change its pictures."""
    slug, title = "case-photo-not-yours-to-redact", both("您不能遮挡此案卷的照片", "Not yours to redact")


def redact(number: str, photo_id: UUID, boxes: Sequence[tuple[BoxKind, Box]], *, by: Account) -> Photo:
    """Put boxes on a picture. Its copies so far are shown to nobody from now on; new ones are promised.

    Raises CaseUnknown, NotFound, NotToRedact, TooManyBoxes.
    """
    with transaction():
        case, photo = _to_change(number, photo_id, by)
        put = photos.redact(photo.id, boxes, by_id=by.id)
        history.note(case, Move.REDACT, by_id=by.id, photo_id=str(photo.id), boxes=[_described(each) for each in put])
        enqueue("workers.media.lay_side_by_side", case_id=str(case.id))
        return photo


def unveil(number: str, photo_id: UUID, box_id: UUID, *, by: Account) -> Photo:
    """Take a box away again: likewise a new revision. Raises CaseUnknown, NotFound, NotToRedact."""
    with transaction():
        case, photo = _to_change(number, photo_id, by)
        gone = photos.unveil(photo.id, box_id, by_id=by.id)
        history.note(case, Move.UNVEIL, by_id=by.id, photo_id=str(photo.id), boxes=[_described(gone)])
        enqueue("workers.media.lay_side_by_side", case_id=str(case.id))
        return photo


def picture(number: str, photo_id: UUID, *, by: Account) -> tuple[Case, Photo]:
    """A case the caller may see as staff, and one of its pictures. Raises CaseUnknown, NotFound."""
    case = access.find(number, by=by)
    return case, _picture_of(case, photo_id)


def _to_change(number: str, photo_id: UUID, by: Account) -> tuple[Case, Photo]:
    case = access.find_to_change(number, by=by)
    photo = _picture_of(case, photo_id)
    if not access.reaches(by, case, Role.GRID_MANAGER, Role.DESK):
        raise NotToRedact()
    return case, photo


def _picture_of(case: Case, photo_id: UUID) -> Photo:
    photo = db.session.scalar(select(Photo).join(CasePhoto, CasePhoto.photo_id == Photo.id)
                              .where(Photo.id == photo_id, CasePhoto.case_id == case.id))
    if photo is None:
        raise NotFound()
    return photo


def _described(box: Redaction) -> dict[str, str]:
    return {"id": str(box.id), "kind": box.kind}
