"""Everything a case is, to be handed on: the case, its history and its pictures, reporters under their pseudonym."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from incident_service import accounts
from incident_service.accounts import Account
from incident_service.cases import presenting
from incident_service.cases.case_file import open_file
from incident_service.cases.models import Case, CasePhoto, Stage
from incident_service.cases.originals import check_keeper
from incident_service.foundation.database import db
from incident_service.photos import Photo

LASTING = ("number", "status", "category", "category_name", "condition", "condition_name", "position", "address",
           "area_code", "beat_code", "unroutable_reason", "round", "version", "opened_at", "pushed_at", "accepted_at",
           "rectified_at", "closed_at", "due_at", "area", "reports", "dispatches", "clocks", "closing_condition")


class Picture(NamedTuple):
    """A picture of a case, when in the case it was sent and by whom."""

    photo: Photo
    stage: Stage
    position: int
    sent_by: str


class Dossier(NamedTuple):
    """A case in plain words and numbers, without links and without what only the moment decides."""

    case: Case
    facts: dict[str, Any]
    history: list[dict[str, Any]]
    pictures: list[Picture]


def dossier(number: str, *, by: Account) -> Dossier:
    """A case to be handed on, for the desk and the supervisors of its area. Raises CaseUnknown, NotAKeeper."""
    file = open_file(number, by=by)
    check_keeper(by, file.case)
    whole = presenting.whole(file)
    return Dossier(file.case, {name: whole[name] for name in LASTING},
                   presenting.history(file.case, file.events, file.reports), _pictures(file.case))


def _pictures(case: Case) -> list[Picture]:
    rows = list(db.session.execute(select(Photo, CasePhoto).join(CasePhoto, CasePhoto.photo_id == Photo.id)
                                   .where(CasePhoto.case_id == case.id).order_by(Photo.id)))
    names = accounts.names_of({photo.sent_by_id for photo, place in rows if place.stage is not Stage.BEFORE})
    return [Picture(photo, place.stage, place.position, _sender(case, photo, place, names)) for photo, place in rows]


def _sender(case: Case, photo: Photo, place: CasePhoto, names: dict[UUID, str]) -> str:
    if place.stage is Stage.BEFORE:
        return presenting.pseudonym(case.id, photo.sent_by_id)
    return names[photo.sent_by_id]
