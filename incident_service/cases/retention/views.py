"""The doors to what is kept about oneself: all of it as a file, and having one's account removed."""

from typing import Any

from flask import Response, request

from incident_service import accounts, cases, exports
from incident_service.accounts import current_account, current_sign_in, signed_in
from incident_service.cases.retention.removal import StillServing
from incident_service.exports import ExportOutput
from incident_service.foundation.http import Blueprint, Schema, Text
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.limits import TriedTooOften

bp = Blueprint("own-data", __name__, url_prefix="/api/v1/me", description="个人信息副本与注销")


class RemovalInput(Schema):
    """The password as it is; it may be left out right after signing in with a code."""
    current_password = Text(load_default="")


@bp.post("/export")
@signed_in
@bp.refuses(exports.TooManyExports)
@idempotent
@bp.response(202, ExportOutput)
def export_own_data() -> dict[str, Any]:
    """Have all that is kept about me gathered in a ZIP: with progress, a link, for me alone."""
    return exports.described(cases.ask_for_own_data(by=current_account()))


@bp.post("/removal")
@signed_in
@bp.refuses(StillServing, TriedTooOften)
@bp.arguments(RemovalInput)
@idempotent
@bp.response(204)
def remove_account(body: dict[str, Any]) -> Response:
    """Have my account removed (注销), for ever. What I reported goes on under its pseudonym."""
    accounts.check_it_is_them(current_account().id, current_password=body["current_password"],
                              sign_in_id=current_sign_in(), address=request.remote_addr)
    cases.remove_account(by=current_account())
    return Response(status=204)
