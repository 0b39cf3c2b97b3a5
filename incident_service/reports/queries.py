"""Keeping reports and finding them again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_new
from incident_service.foundation.problems import NotFound
from incident_service.foundation.transaction import current_unit
from incident_service.reports.models import Report


def record(*, reporter_id: UUID, case_id: UUID, id: UUID | None = None, **said: Any) -> Report:
    """Keep what a resident said. Must be called inside a transaction."""
    report = Report(id=id or new_id(), reporter_id=reporter_id, case_id=case_id, **said)
    insert_new([report])
    return report


OF_CASE = select(Report).where(Report.case_id == bindparam("case_id")).order_by(Report.id)


def of_case(case_id: UUID) -> Sequence[Report]:
    """All reports of a case, the first one first."""
    return db.session.scalars(OF_CASE, {"case_id": case_id}).all()


def find_in_case(case_id: UUID, id: UUID | None) -> Report:
    """A report of a case, the first one when none is named. Raises NotFound."""
    found = next((each for each in of_case(case_id) if id in (None, each.id)), None)
    if found is None:
        raise NotFound()
    return found


def own_reports(reporter_id: UUID, *, limit: int, cursor: str) -> paging.Page:
    """A resident's own reports, newest first."""
    statement = select(Report).where(Report.reporter_id == reporter_id)
    return paging.newest_first(statement, Report.received_at, Report.id, limit=limit, cursor=cursor)


def withdraw(report: Report) -> None:
    """Note that a report was taken back. Must be called inside a transaction."""
    current_unit()
    report.withdrawn_at = clock.now()


def move(report: Report, case_id: UUID) -> None:
    """Put a report into another case. Must be called inside a transaction."""
    current_unit()
    report.case_id = case_id


def find_own(reporter_id: UUID, id: UUID) -> Report:
    """One report of this reporter. Raises NotFound, also for another's."""
    report = db.session.scalar(select(Report).where(Report.id == id, Report.reporter_id == reporter_id))
    if report is None:
        raise NotFound()
    return report
