"""What a person has, and how it came about."""

from typing import Any
from uuid import UUID

from incident_service import points
from incident_service.accounts import Role, current_account, requires, signed_in
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput, page_schema
from incident_service.points.holds import FundExhausted, HoldDecided, HoldUnknown, NotOwnHold
from incident_service.points.models import Hold
from incident_service.points.schemas import (
    BalanceOutput,
    EntryOutput,
    HoldFilter,
    HoldOutput,
    OwnHoldOutput,
    RefusalInput,
    ReleaseInput,
)

bp = Blueprint("points", __name__, url_prefix="/api/v1", description="邻里福分")


@bp.get("/me/points")
@signed_in
@bp.response(200, BalanceOutput)
def my_balance() -> points.Balance:
    """My points."""
    return points.of(current_account().id)


@bp.get("/me/points/entries")
@signed_in
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(EntryOutput))
def my_entries(page: dict[str, Any]) -> Page:
    """My ledger lines, newest first."""
    return points.entries_of(current_account().id, **page)


@bp.get("/me/points/holds")
@signed_in
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(OwnHoldOutput))
def my_holds(page: dict[str, Any]) -> Page:
    """My points that are or were held, newest first."""
    return points.own_holds(current_account().id, **page)


@bp.get("/points/holds")
@requires(Role.SUPERVISOR)
@bp.arguments(HoldFilter, location="query")
@bp.response(200, page_schema(HoldOutput))
def list_holds(wanted: dict[str, Any]) -> Page:
    """Held points within the caller's areas, newest first."""
    return points.page_of_holds(by=current_account(), is_open=wanted.pop("open"), **wanted)


@bp.post("/points/holds/<uuid:id>/release")
@requires(Role.SUPERVISOR)
@bp.refuses(HoldUnknown, HoldDecided, NotOwnHold, FundExhausted)
@bp.arguments(ReleaseInput)
@idempotent
@bp.response(200, HoldOutput)
def release_hold(body: dict[str, Any], id: UUID) -> Hold:
    """Give held points after all."""
    return points.release(id, by=current_account(), **body)


@bp.post("/points/holds/<uuid:id>/refusal")
@requires(Role.SUPERVISOR)
@bp.refuses(HoldUnknown, HoldDecided, NotOwnHold)
@bp.arguments(RefusalInput)
@idempotent
@bp.response(200, HoldOutput)
def refuse_hold(body: dict[str, Any], id: UUID) -> Hold:
    """Do not give held points, and say why."""
    return points.refuse(id, by=current_account(), **body)
