"""What speaks against thanking for a case at once: facts about its reporter, its manager, and how it went.

`points` weighs them (`config/tables/guard.toml`); this file only counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from incident_service import areas
from incident_service.accounts import Role
from incident_service.cases import holding, reported
from incident_service.cases.models import Case, Dispatch
from incident_service.foundation import clock
from incident_service.foundation.ready import Answer, Question
from incident_service.points import Fact
from incident_service.reports import Report

LOOK_BACK, BURST, SPOT_M = timedelta(days=30), timedelta(hours=1), 30.0
# what a reporter reported around some time and what of theirs was closed lately, with who has it as grid manager
LATELY = Question(
    select(Report.id.label("report_id"), Report.received_at, Report.case_id, Case.longitude, Case.latitude,
           Case.closed_at, Dispatch.responder_id.label("manager_id"))
    .join(Case, Case.id == Report.case_id)
    .outerjoin(Dispatch, (Dispatch.case_id == Case.id) & holding.is_held() & (Dispatch.role == Role.GRID_MANAGER))
    .where(Report.reporter_id == reported.FIRST_REPORTER_ID, Report.received_at > bindparam("since"),
           or_(Report.received_at >= bindparam("around"), Case.closed_at > bindparam("closed_since"))))


def ask_lately_ahead(case: Case) -> Answer[*tuple[Any, ...]]:
    """Have what a case that is about to be closed is compared with, of its first reporter, asked for together with
    what is asked next."""
    return LATELY.ask_along(case_id=case.id, since=case.opened_at - 2 * LOOK_BACK, around=case.opened_at - BURST,
                            closed_since=clock.now() - LOOK_BACK)


def facts_about(case: Case, lately: Sequence[Any], given: Sequence[Dispatch], *,
                closed_by_id: UUID) -> dict[Fact, int]:
    """What is known of a case that is being closed and of its first reporter. `lately`: see `ask_lately_ahead`;
    `given`: who answers for its parts."""
    closed_at, pushed_at = _closed_at(case), case.pushed_at or case.opened_at
    manager_id = next((each.responder_id for each in given if each.role == Role.GRID_MANAGER), None)
    earlier = [each for each in lately if each.case_id != case.id and _is_closed_between(
        each, closed_at - LOOK_BACK, closed_at)]
    facts = {
        Fact.PAIR: 1 + len({each.case_id for each in earlier if each.manager_id == manager_id}),
        Fact.SPOT: 1 + len({each.case_id for each in earlier if _metres(each, case) <= SPOT_M}),
        Fact.BURST: len({each.report_id for each in lately if case.opened_at - BURST <= each.received_at
                         <= min(case.opened_at + BURST, closed_at)}),
        Fact.SECONDS_TO_CLOSE: _seconds(pushed_at, closed_at),
        Fact.OWN_HANDLING: int({each.responder_id for each in given if each.rectified_at} == {manager_id}),
        Fact.OWN_CLOSING: int(closed_by_id == manager_id),
    }
    return facts | ({Fact.SECONDS_TO_RECTIFY: _seconds(pushed_at, case.rectified_at)} if case.rectified_at else {})


def _closed_at(case: Case) -> datetime:
    return case.closed_at or case.opened_at


def _is_closed_between(each: Any, start: datetime, end: datetime) -> bool:
    return each.closed_at is not None and start < each.closed_at <= end


def _metres(each: Any, case: Case) -> float:
    return areas.distance_m((each.longitude, each.latitude), (case.longitude, case.latitude))


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
