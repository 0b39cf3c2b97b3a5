"""A report that joined a case and speaks of something else gets a case of its own (拆出): nobody's report is lost in
another's."""

from uuid import UUID

from sqlalchemy import select, update

from incident_service import areas, catalogue, reports
from incident_service.accounts import Account
from incident_service.cases import access, history, words
from incident_service.cases.intake import open_case
from incident_service.cases.models import Case, CasePhoto, CaseWarning
from incident_service.cases.workflow import Move
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import Conflict, NotFound
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.reports import Report


class FirstOfItsCase(Conflict):
    """The report from which the case began cannot leave it."""
    slug, title = "case-first-report", both("首个上报不能拆出", "The first report of a case cannot leave it")


def separate(number: str, report_id: UUID, *, by: Account, note: str, version: int | None = None) -> Case:
    """Give a report that joined this case a case of its own, with its pictures, opened when it was sent; the new case.

    Raises CaseUnknown, NotYourMove, NotFound (no such report in the case), FirstOfItsCase, WrongTurn,
    PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        access.check_may(by, case, Move.SEPARATE)
        history.check(case, Move.SEPARATE)
        first, *others = reports.of_case(case.id)
        if report_id == first.id:
            raise FirstOfItsCase()
        said = next((each for each in others if each.id == report_id), None)
        if said is None:
            raise NotFound()
        new, _ = open_case(
            catalogue.category(said.category), areas.locate(said.longitude, said.latitude),
            (said.longitude, said.latitude), address=said.address, by_id=said.reporter_id, report_id=said.id,
            at=said.received_at, out_of=case.number)
        _move(said, new)
        words.write(case)
        words.write(new)
        history.note(case, Move.SEPARATE, by_id=by.id, note=note, report_id=str(said.id), into=new.number)
        enqueue("workers.routing.dispatch_case", case_id=str(new.id))
        return new


def _move(said: Report, case: Case) -> None:
    """The report goes into its own case, and with it its pictures and what is doubtful about them."""
    reports.move(said, case.id)
    pictures = select(CasePhoto.photo_id).where(CasePhoto.report_id == said.id)
    for statement in (update(CaseWarning).where(CaseWarning.photo_id.in_(pictures)).values(case_id=case.id),
                      update(CaseWarning).where(CaseWarning.other_photo_id.in_(pictures)).values(other_case_id=case.id),
                      update(CasePhoto).where(CasePhoto.report_id == said.id).values(case_id=case.id)):
        db.session.execute(statement.execution_options(synchronize_session=False))
