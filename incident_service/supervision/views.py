"""The doors of supervision."""

from typing import Any

from incident_service import supervision
from incident_service.accounts import Role, current_account, requires
from incident_service.foundation.http import Blueprint
from incident_service.foundation.paging import PageInput, page_schema
from incident_service.supervision import presenting
from incident_service.supervision.schemas import OverdueOutput, ResponseTimesInput, ResponseTimesOutput

bp = Blueprint("supervision", __name__, url_prefix="/api/v1/supervision", description="督查")


@bp.get("/response-times")
@requires(Role.SUPERVISOR)
@bp.arguments(ResponseTimesInput, location="query")
@bp.response(200, ResponseTimesOutput)
def show_response_times(wanted: dict[str, Any]) -> dict[str, Any]:
    """How long the city takes, over the cases within my areas; live. A period has at most five years."""
    asked = supervision.period(wanted.get("since"), wanted.get("until"))
    found = supervision.response_times(by=current_account(), period=asked, group_by=wanted.get("group_by"))
    return presenting.side_by_side(found)


@bp.get("/overdue")
@requires(Role.SUPERVISOR)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(OverdueOutput))
def show_overdue(page: dict[str, Any]) -> dict[str, Any]:
    """What is overdue within my areas right now, the longest overdue first."""
    found = supervision.overdue(by=current_account(), **page)
    return {"items": [presenting.late(each) for each in found.items], "next_cursor": found.next_cursor}
