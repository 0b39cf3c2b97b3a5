"""The doors of suspended reporters: for supervisors, and for whoever is suspended."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from incident_service import accounts, cases
from incident_service.accounts import Role, current_account, requires, signed_in
from incident_service.cases import access, presenting, queries
from incident_service.cases.move_schemas import ReasonedInput
from incident_service.cases.reporters import standing, suspending
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.cases.reporters.suspension_schemas import (
    OwnSuspensionOutput,
    OwnSuspensionsOutput,
    ReporterSuspensionInput,
    ReporterSuspensionOutput,
    RulingInput,
    SuspensionFilter,
)
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import page_schema
from incident_service.foundation.words import callers_language

bp = Blueprint("reporter-suspensions", __name__, url_prefix="/api/v1", description="停用上报与申诉")


@bp.post("/cases/<number>/reporter-suspensions")
@requires(Role.SUPERVISOR)
@bp.refuses(access.CaseUnknown, access.NotYourMove, suspending.SuspendedBefore)
@bp.arguments(ReporterSuspensionInput)
@idempotent
@bp.response(201, ReporterSuspensionOutput)
def suspend_reporter(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Suspend who reported a case, within the areas I supervise. They are told why and may appeal once."""
    return _shown([cases.suspend_reporter(number, by=current_account(), **body)])[0]


@bp.get("/supervision/reporter-suspensions")
@requires(*suspending.DECIDERS)
@bp.arguments(SuspensionFilter, location="query")
@bp.response(200, page_schema(ReporterSuspensionOutput))
def list_suspensions(wanted: dict[str, Any]) -> dict[str, Any]:
    """The suspended reporters of my areas, newest first; or only those whose appeal waits."""
    found = suspending.page_of_suspensions(by=current_account(), **wanted)
    return {"items": _shown(found.items), "next_cursor": found.next_cursor}


@bp.post("/supervision/reporter-suspensions/<uuid:id>/decision")
@requires(*suspending.DECIDERS)
@bp.refuses(suspending.NotToDecide, suspending.SuspensionDecided, suspending.SuspensionLifted)
@bp.arguments(RulingInput)
@idempotent
@bp.response(200, ReporterSuspensionOutput)
def decide_suspension(body: dict[str, Any], id: UUID) -> dict[str, Any]:
    """Uphold or lift a suspension that was appealed against: never by who ordered it."""
    return _shown([cases.decide_suspension(id, by=current_account(), **body)])[0]


@bp.post("/supervision/reporter-suspensions/<uuid:id>/lifting")
@requires(*suspending.DECIDERS)
@bp.refuses(suspending.NotToDecide, suspending.SuspensionDecided)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(200, ReporterSuspensionOutput)
def lift_suspension(body: dict[str, Any], id: UUID) -> dict[str, Any]:
    """Take a suspension in my area back, without an appeal; the reporter is told."""
    return _shown([suspending.lift_suspension(id, by=current_account(), **body)])[0]


@bp.get("/me/suspensions")
@signed_in
@bp.response(200, OwnSuspensionsOutput)
def my_suspensions() -> dict[str, Any]:
    """Whether, where, why and until when I may not report, and what came of my appeals."""
    return {"items": _described(suspending.own_suspensions(current_account())), "next_cursor": None}


@bp.post("/me/suspensions/<uuid:id>/appeal")
@signed_in
@bp.refuses(suspending.SuspensionAppealed, suspending.SuspensionLifted)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(200, OwnSuspensionOutput)
def appeal_suspension(body: dict[str, Any], id: UUID) -> dict[str, Any]:
    """Appeal against my suspension, once (申诉). Somebody else than who ordered it decides."""
    return _described([cases.appeal_suspension(id, by=current_account(), **body)])[0]


def _described(some: Iterable[ReporterSuspension]) -> list[dict[str, Any]]:
    rows = list(some)
    return [row | {"is_in_force": each.is_in_force, "may_appeal": each.appealed_at is None and each.lifted_at is None,
                   "reason_text": standing.WHY[each.reason].in_language(callers_language())}
            for row, each in zip(queries.with_numbers(rows), rows, strict=True)]


def _shown(some: Iterable[ReporterSuspension]) -> list[dict[str, Any]]:
    rows = list(some)
    names = accounts.names_of({id for each in rows for id in (each.suspended_by_id, each.decided_by_id) if id})
    return [row | {"reporter": presenting.pseudonym(each.case_id, each.reporter_id),
                   "suspended_by": names[each.suspended_by_id], "decided_by": names.get(each.decided_by_id or each.id)}
            for row, each in zip(_described(rows), rows, strict=True)]
