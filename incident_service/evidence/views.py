"""The doors of evidence: a case's bundle, and the key that proves it."""

from typing import Any
from uuid import UUID

from flask import Response, stream_with_context
from marshmallow import fields, validate

from incident_service import evidence, photos
from incident_service.accounts import Role, anyone, current_account, requires
from incident_service.cases import CaseUnknown, NotAKeeper
from incident_service.foundation import signing
from incident_service.foundation.http import Blueprint, Schema

bp = Blueprint("evidence", __name__, url_prefix="/api/v1", description="证据包")
ORIGINALS_MAX = 40


class BundleInput(Schema):
    """Which originals go into the bundle, by the approved requests to see them."""
    originals = fields.List(fields.UUID(), load_default=list[UUID], validate=validate.Length(max=ORIGINALS_MAX))


class KeyOutput(Schema):
    """The public key of this installation's evidence bundles."""
    algorithm = fields.String(required=True)
    public_key = fields.String(required=True)
    fingerprint = fields.String(required=True)


@bp.get("/cases/<number>/evidence.zip")
@requires(Role.DESK, Role.SUPERVISOR)
@bp.refuses(CaseUnknown, NotAKeeper, photos.PhotoNotReady, photos.OriginalSealed, photos.OriginalLost)
@bp.arguments(BundleInput, location="query")
@bp.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def show_bundle(wanted: dict[str, Any], number: str) -> Response:
    """Clean copies, history, digests of the originals, and a signed manifest, in one file."""
    pieces = evidence.bundle(number, by=current_account(), original_requests=wanted["originals"])
    response = Response(stream_with_context(pieces), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="evidence-{number}.zip"'
    response.cache_control.no_store = True
    return response


@bp.get("/evidence-key")
@anyone
@bp.response(200, KeyOutput)
def show_key() -> dict[str, str]:
    """The key with which anybody checks the evidence bundles of this installation."""
    pem = evidence.public_key()
    return {"algorithm": "Ed25519", "public_key": pem,
            "fingerprint": evidence.fingerprint(signing.read_public_key(pem.encode()))}
