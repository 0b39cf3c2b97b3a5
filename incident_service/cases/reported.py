"""What was reported of a case and of the cases merged into it, and by whom."""

from uuid import UUID

from sqlalchemy import ScalarSelect, Select, bindparam, select, union_all

from incident_service.cases.models import Case
from incident_service.foundation.database import ONE
from incident_service.foundation.ready import Question
from incident_service.reports import Report

# no `OR`: with a subquery in it PostgreSQL would read every report there is
_IS_OF_IT = Report.case_id.in_(union_all(
    select(bindparam("case_id", type_=Case.id.type)),
    select(Case.id).where(Case.merged_into_id == bindparam("case_id"))))
REPORTS = Question(select(Report).where(_IS_OF_IT).order_by(Report.id))
REPORTER_IDS: Select[UUID] = select(Report.reporter_id).where(_IS_OF_IT)
FIRST_REPORTER_ID: ScalarSelect[UUID] = REPORTER_IDS.order_by(Report.id).limit(ONE).scalar_subquery()


def reports_of(case: Case) -> list[Report]:
    """The reports of a case and of the cases merged into it, in the order they came; to be read."""
    return [report for report, in REPORTS.ask(case_id=case.id)]
