"""Erasing one thing of one case, whose row is locked; whether all of it went. Each may be done twice."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from incident_service import accounts, notifications, photos, reports
from incident_service.cases import history, words
from incident_service.cases.appeal_models import Answer, Appeal, SecondLook
from incident_service.cases.models import Case, CaseEvent, CasePhoto
from incident_service.cases.petition_models import Petition
from incident_service.cases.presenting import is_a_reporters
from incident_service.cases.reporters.identity_models import IdentityRequest
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.cases.retention.models import What
from incident_service.foundation.database import db

SAID = {"description", "address", "original_kind"}      # what details of a line may quote


def erase_position(case: Case) -> bool:
    """Round where its reporters and their phones were."""
    reports.blur(case.id)
    photos.forget_places(_photos_of(case))
    return True


def erase_originals(case: Case) -> bool:
    """Give up the photos as they were sent; the sweep of what nobody names takes the bytes. One that nothing else
    shows yet stays for another time."""
    return photos.give_up_originals(_photos_of(case))


def erase_identity(case: Case) -> bool:
    """Put a nobody in the place of each reporter, wherever the case speaks of them. What they were thanked with stays
    in the ledger."""
    said = {each.reporter_id for each in reports.of_case(case.id)}
    spoke = {event.by_id for event in _events(case) if event.by_id and is_a_reporters(event, said)}
    for reporter_id in sorted(said | spoke):
        _replace(case, reporter_id, accounts.add_nobody())
    return True


def erase_content(case: Case) -> bool:
    """Erase everything said and shown; what figures are made of stays."""
    reports.silence(case.id)
    case.address = ""
    for event in _events(case):
        details = _without_words(event.details)
        if event.note or details != event.details:
            history.erase(event, note="", details=details)
    for model, columns in NOTES.items():
        db.session.execute(update(model).where(model.case_id == case.id).values(dict.fromkeys(columns, ""))
                           .execution_options(synchronize_session=False))
    photos.take_away(_photos_of(case))
    db.session.flush()
    words.write(case)
    return True


ERASERS: dict[What, Callable[[Case], bool]] = {
    What.POSITION: erase_position, What.ORIGINAL: erase_originals, What.IDENTITY: erase_identity,
    What.CONTENT: erase_content}
NOTES: dict[type[Any], Sequence[str]] = {
    Petition: ("note",), Appeal: ("note", "decision_note"), SecondLook: ("note",), Answer: ("note",),
    IdentityRequest: ("reason",), ReporterSuspension: ("note", "appeal_note", "decision_note", "lift_note")}


def _without_words(details: Any) -> Any:
    """The details of a line, without what they quote, however deep it lies."""
    if isinstance(details, dict):
        return {name: _without_words(value) for name, value in details.items() if name not in SAID}
    return [_without_words(each) for each in details] if isinstance(details, list) else details


def _replace(case: Case, reporter_id: UUID, nobody_id: UUID) -> None:
    for event in _events(case):
        if event.by_id == reporter_id:
            history.erase(event, by_id=nobody_id)
    reports.give_to(case.id, reporter_id, nobody_id)
    photos.give_to(_photos_of(case), reporter_id, nobody_id)
    for model, column in ((Answer, "by_id"), (IdentityRequest, "reporter_id"), (ReporterSuspension, "reporter_id")):
        db.session.execute(update(model).where(model.case_id == case.id, getattr(model, column) == reporter_id)
                           .values({column: nobody_id}).execution_options(synchronize_session=False))
    notifications.forget_about(reporter_id, case.number)


def _events(case: Case) -> Sequence[CaseEvent]:
    """The lines of a history that is linked by now."""
    if case.head is None:
        history.link(case)
        db.session.flush()
    return db.session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.sequence)).all()


def _photos_of(case: Case) -> list[UUID]:
    return list(db.session.scalars(select(CasePhoto.photo_id).where(CasePhoto.case_id == case.id)))
