"""The door to cases on paper."""

from flask import Response

from incident_service.accounts import Role, current_account, requires
from incident_service.cases import paper
from incident_service.cases.access import CaseUnknown
from incident_service.cases.originals import NotAKeeper
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
