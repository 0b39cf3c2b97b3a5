"""What a person has, and how it came about."""

from typing import Any

from incident_service import points
from incident_service.accounts import current_account, signed_in
from incident_service.foundation.http import Blueprint
from incident_service.foundation.paging import Page, PageInput, page_schema
from incident_service.points.schemas import BalanceOutput, EntryOutput

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
