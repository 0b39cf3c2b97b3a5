"""The doors through which figures leave: workbook, CSV, JSON, and open data."""

from typing import Any

from flask import Response, current_app

from incident_service.accounts import Role, anyone, current_account, requires
from incident_service.foundation import clock
from incident_service.foundation.http import Blueprint
from incident_service.foundation.words import callers_language
from incident_service.supervision import exporting, open_data, presenting
from incident_service.supervision.asking import GroupedInput, filters_of, period_of
from incident_service.supervision.behind import Figure, cases_behind
from incident_service.supervision.response_times import ResponseTimes, figures_of
from incident_service.supervision.schemas import PeriodFiguresOutput
from incident_service.supervision.scope import scope_of
from incident_service.supervision.views import as_asked

bp = Blueprint("out", __name__, url_prefix="/api/v1/supervision", description="督查")
CASES_MAX = 20_000
XLSX, CSV = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv"


def _found(wanted: dict[str, Any]) -> ResponseTimes:
    return figures_of(scope_of(current_account()), period_of(wanted), group_by=wanted["group_by"],
                      filters=filters_of(wanted))


def _file(content: bytes | str, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private"
    return answer


@bp.get("/export.xlsx")
@requires(Role.SUPERVISOR)
@bp.arguments(GroupedInput, location="query")
@bp.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def export_workbook(wanted: dict[str, Any]) -> Response:
    """The figures, what they mean, and their newest 20,000 cases, as a workbook."""
    found = _found(wanted)
    behind = cases_behind(scope_of(current_account()), found.period, filters_of(wanted), Figure.CASES, limit=CASES_MAX)
    return _file(exporting.workbook(found, behind.items), XLSX, "figures.xlsx")


@bp.get("/export.csv")
@requires(Role.SUPERVISOR)
@bp.arguments(GroupedInput, location="query")
@bp.response(200, {"type": "string"}, content_type=CSV)
def export_csv(wanted: dict[str, Any]) -> Response:
    """The same figures as CSV; the total comes last."""
    rows = [exporting.HEADER, *exporting.figure_rows(_found(wanted))]
    return _file(exporting.as_csv(rows), CSV, "figures.csv")


@bp.get("/export.json")
@requires(Role.SUPERVISOR)
@bp.arguments(GroupedInput, location="query")
@bp.response(200, PeriodFiguresOutput)
def export_json(wanted: dict[str, Any]) -> dict[str, Any]:
    """The same figures as JSON."""
    return presenting.side_by_side(_found(wanted), as_asked())


@bp.get("/open-data.csv")
@anyone
@bp.response(200, {"type": "string"}, content_type=CSV)
def show_open_data() -> Response:
    """For everybody: the last twelve whole months by district and category, small numbers left out. Made once a day."""
    made: dict[str, str] = current_app.extensions.setdefault("open_data", {})
    today = f"{clock.now():%Y-%m-%d} {callers_language()}"
    if today not in made:
        made.clear()
        made[today] = exporting.as_csv([open_data.HEADER, *open_data.rows()])       # type: ignore[list-item]
    return Response(made[today], mimetype=CSV)
