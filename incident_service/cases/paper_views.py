"""The doors to cases on paper and in spreadsheets."""

from typing import Any

from flask import Response

from incident_service import exports
from incident_service.accounts import Role, current_account, requires
from incident_service.cases import access, exporting, paper
from incident_service.cases.access import CaseUnknown
from incident_service.cases.exporting import MEDIA_TYPES, Format
from incident_service.cases.input_schemas import ListFilter
from incident_service.cases.originals import NotAKeeper
from incident_service.cases.search import TooLittleSaid
from incident_service.exports import ExportOutput
from incident_service.foundation.http import Blueprint

bp = Blueprint("paper", __name__, url_prefix="/api/v1", description="打印与导出")


@bp.get("/cases/<number>/case.pdf")
@requires(Role.DESK, Role.SUPERVISOR)
@bp.refuses(CaseUnknown, NotAKeeper)
@bp.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def show_paper(number: str) -> Response:
    """One case as PDF, with its pictures and its history; reporters appear under their pseudonym."""
    response = Response(paper.print_case(number, by=current_account()), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="case-{number}.pdf"'
    response.cache_control.no_store = True
    return response


@bp.get("/cases/list.xlsx")
@requires(*access.STAFF)
@bp.refuses(TooLittleSaid, exports.TooManyExports)
@bp.arguments(ListFilter, location="query")
@bp.alt_response(202, schema=ExportOutput)
@bp.response(200, {"type": "string", "format": "binary"}, content_type=MEDIA_TYPES[Format.XLSX])
def show_workbook(wanted: dict[str, Any]) -> Response:
    """A list of cases as XLSX, with the filters of the list itself. Of more than 2,000 cases a worker makes the file:
    202, with where to ask how far it is."""
    return _list(Format.XLSX, wanted)


@bp.get("/cases/list.csv")
@requires(*access.STAFF)
@bp.refuses(TooLittleSaid, exports.TooManyExports)
@bp.arguments(ListFilter, location="query")
@bp.alt_response(202, schema=ExportOutput)
@bp.response(200, {"type": "string"}, content_type=MEDIA_TYPES[Format.CSV])
def show_lines(wanted: dict[str, Any]) -> Response:
    """The same as CSV."""
    return _list(Format.CSV, wanted)


def _list(format: Format, wanted: dict[str, Any]) -> Response:
    made = exporting.export(format, by=current_account(), **wanted)
    if isinstance(made, exports.Export):
        response = exports.promised(made)
    else:
        response = Response(made, mimetype=MEDIA_TYPES[format])
        response.headers["Content-Disposition"] = f'attachment; filename="cases.{format}"'
    response.cache_control.no_store = True
    return response
