"""The doors to one's own files."""

from typing import Any
from uuid import UUID

from flask import Response, stream_with_context

from incident_service.accounts import current_account, signed_in
from incident_service.exports import asking
from incident_service.exports.schemas import ExportOutput, ExportsOutput
from incident_service.foundation.http import Blueprint

bp = Blueprint("exports", __name__, url_prefix="/api/v1/exports", description="导出文件")


@bp.get("")
@signed_in
@bp.response(200, ExportsOutput)
def list_exports() -> dict[str, Any]:
    """The files I asked for, the latest first; each is kept for a day."""
    return {"items": [asking.described(each) for each in asking.own(current_account().id)], "next_cursor": None}


@bp.get("/<uuid:id>")
@signed_in
@bp.response(200, ExportOutput)
def show_export(id: UUID) -> dict[str, Any]:
    """How far a file of mine is."""
    return asking.described(asking.find_own(current_account().id, id))


@bp.delete("/<uuid:id>")
@signed_in
@bp.response(204)
def forget_export(id: UUID) -> Response:
    """Do without a file of mine, made or not. The same asked for again is made anew."""
    asking.forget(id, by=current_account())
    return Response(status=204)


@bp.get("/<uuid:id>/file")
@signed_in
@bp.refuses(asking.ExportNotReady, asking.ExportBeyondReach)
@bp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def fetch_export(id: UUID) -> Response:
    """A file of mine, once it is ready, while I hold the roles by which it was made."""
    found = asking.find_own(current_account().id, id)
    pieces = asking.pieces(found, by=current_account())
    response = Response(stream_with_context(pieces), mimetype="application/octet-stream")
    response.content_length = found.byte_count
    response.headers["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.cache_control.no_store = True
    return response
