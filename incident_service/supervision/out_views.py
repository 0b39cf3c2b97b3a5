"""The doors through which figures leave: workbook, CSV, JSON, and open data."""

from typing import Any

from flask import Response

from incident_service import exports
from incident_service.accounts import Role, anyone, current_account, requires
from incident_service.foundation.http import Blueprint
from incident_service.foundation.problems import Unavailable
from incident_service.supervision import exporting, open_data, presenting
from incident_service.supervision.asking import GroupedInput, filters_of, period_of
from incident_service.supervision.response_times import ResponseTimes, figures_of
from incident_service.supervision.schemas import PeriodFiguresOutput
from incident_service.supervision.scope import scope_of
from incident_service.supervision.views import as_asked
from incident_service.supervision.workbooks import XLSX, workbook

bp = Blueprint("out", __name__, url_prefix="/api/v1/supervision", description="督查")
CSV = "text/csv"


def _found(wanted: dict[str, Any]) -> ResponseTimes:
    return figures_of(scope_of(current_account()), period_of(wanted), group_by=wanted["group_by"],
                      filters=filters_of(wanted))


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private"
    return answer


@bp.get("/export.xlsx")
@requires(Role.SUPERVISOR)
@bp.refuses(exports.TooManyExports)
@bp.arguments(GroupedInput, location="query")
@bp.alt_response(202, schema=exports.ExportOutput)
@bp.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def export_workbook(wanted: dict[str, Any]) -> Response:
    """The figures, what they mean, and their cases, as a workbook. Of more than 2,000 cases a worker makes it: 202,
    with where to ask how far it is."""
    asked = presenting.question(as_asked(), period_of(wanted))
    made = workbook(asked | ({"group_by": str(wanted["group_by"])} if wanted["group_by"] else {}), by=current_account())
    return exports.promised(made) if isinstance(made, exports.Export) else _file(made, XLSX, "figures.xlsx")


@bp.get("/export.csv")
@requires(Role.SUPERVISOR)
@bp.arguments(GroupedInput, location="query")
@bp.response(200, {"type": "string"}, content_type=CSV)
def export_csv(wanted: dict[str, Any]) -> Response:
    """The same figures as CSV; the total comes last."""
    return _file(exporting.csv_of(exporting.HEADER, exporting.figure_rows(_found(wanted))), CSV, "figures.csv")


@bp.get("/export.json")
@requires(Role.SUPERVISOR)
@bp.arguments(GroupedInput, location="query")
@bp.response(200, PeriodFiguresOutput)
def export_json(wanted: dict[str, Any]) -> dict[str, Any]:
    """The same figures as JSON."""
    return presenting.side_by_side(_found(wanted), as_asked())


@bp.get("/open-data.csv")
@anyone
@bp.refuses(Unavailable)
@bp.response(200, {"type": "string"}, content_type=CSV)
def show_open_data() -> Response:
    """For everybody: the last twelve whole months by district and category, small numbers left out. Made once a day."""
    return Response(exporting.csv_of(open_data.HEADER, open_data.rows()), mimetype=CSV)
