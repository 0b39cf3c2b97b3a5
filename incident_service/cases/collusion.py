"""What speaks against thanking for a case at once: facts about its reporter, its manager, and how it went.

`points` weighs them (`config/tables/guard.toml`); this file only counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from incident_service import areas
from incident_service.accounts import Role
from incident_service.cases import holding
from incident_service.cases.models import Case, Dispatch
from incident_service.foundation.database import db
from incident_service.points import Fact
from incident_service.reports import Report

LOOK_BACK, BURST, SPOT_M = timedelta(days=30), timedelta(hours=1), 30.0


def facts_about(case: Case, reporter_id: UUID, given: Sequence[Dispatch], *,
                closed_by_id: UUID | None) -> dict[Fact, int]:
    """What is known of a case that is being closed and of one of its reporters. `given`: who answers for its parts."""
    closed_at, pushed_at = case.closed_at or case.opened_at, case.pushed_at or case.opened_at
    manager_id = next((each.responder_id for each in given if each.role == Role.GRID_MANAGER), None)
    earlier = _closed_before(reporter_id, case, closed_at)
    facts = {
        Fact.PAIR: 1 + len({id for id, _, manager in earlier if manager == manager_id}),
        Fact.SPOT: 1 + len({id for id, metres, _ in earlier if metres <= SPOT_M}),
        Fact.BURST: _reports_around(reporter_id, case.opened_at, closed_at),
        Fact.SECONDS_TO_CLOSE: _seconds(pushed_at, closed_at),
        Fact.OWN_HANDLING: int({each.responder_id for each in given if each.rectified_at} == {manager_id}),
        Fact.OWN_CLOSING: int(closed_by_id is not None and closed_by_id == manager_id),
    }
    return facts | ({Fact.SECONDS_TO_RECTIFY: _seconds(pushed_at, case.rectified_at)} if case.rectified_at else {})


def _closed_before(reporter_id: UUID, case: Case, closed_at: datetime) -> list[tuple[UUID, float, UUID | None]]:
    """Other cases of this reporter that were closed lately: how far away they lay, and under which manager."""
    here = (case.longitude, case.latitude)
    rows = db.session.execute(
        select(Case.id, Case.longitude, Case.latitude, Dispatch.responder_id)
        .join(Report, Report.case_id == Case.id)
        .outerjoin(Dispatch, (Dispatch.case_id == Case.id) & holding.is_held() & (Dispatch.role == Role.GRID_MANAGER))
        .where(Report.reporter_id == reporter_id, Report.received_at > case.opened_at - 2 * LOOK_BACK,
               Case.closed_at > closed_at - LOOK_BACK, Case.closed_at <= closed_at, Case.id != case.id))
    return [(row.id, areas.distance_m((row.longitude, row.latitude), here), row.responder_id)
            for row in rows]


def _reports_around(reporter_id: UUID, at: datetime, until: datetime) -> int:
    return db.session.scalar(select(func.count(Report.id)).where(
        Report.reporter_id == reporter_id, Report.received_at >= at - BURST,
        Report.received_at <= min(at + BURST, until))) or 0


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
