"""The API for programmers: its OpenAPI document, and a page to browse it that needs no outside network."""

import hashlib
from importlib.resources import files
from typing import Any

import orjson
from flask import Blueprint as FlaskBlueprint
from flask import Flask, Response, current_app

from incident_service.accounts import anyone
from incident_service.foundation.http import Api, Blueprint, unchanged
from incident_service.web.rendering import LANG_PARAMETER, page

bp = Blueprint("documents", __name__, url_prefix="/api", description="接口文档")
swagger_ui = FlaskBlueprint("swagger_ui", __name__, static_folder=str(files("flask_swagger_ui") / "dist"),
                            static_url_path="/api/docs/files")      # as its package brought them
# Swagger UI writes style attributes and draws its icons from data: addresses; scripts stay files of ours.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
          "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
ABOUT = """\
Reports by residents become cases that are pushed to their responders.

* Times are RFC 3339 in UTC; `longitude` and `latitude` are degrees with a `coordinate_system`, answers in WGS-84.
* Errors are RFC 9457 `application/problem+json`: `type` is stable and names a page that explains it; `detail` is
  a sentence in the language of `Accept-Language` (Chinese by default); `errors` points at fields.
* `Authorization: Bearer <access_token>` from `POST /api/v1/tokens`. Without: 401. Not allowed: 403. Not yours to
  see: 404.
* Send an `Idempotency-Key` with a POST that creates or moves something, and send it again when no answer came.
* Lists take `limit` (at most 200) and `cursor`, and answer `{"items": [...], "next_cursor": "..." | null}`.
* Every answer carries an `X-Request-ID`: yours, when you sent one, and it follows the request into the log.
"""


def open_documents(app: Flask) -> Api:
    """The document to which every blueprint adds its routes."""
    api = Api(app, spec_kwargs={"info": {"description": ABOUT}})
    api.spec.components.security_scheme("metrics_token", {
        "type": "http", "scheme": "bearer", "description": "METRICS_TOKEN; callers on the machine need none."})
    return api


@bp.get("/openapi.json")
@anyone
@bp.response(200, {"type": "object"})
@bp.tagged
def openapi() -> Response:
    """This document."""
    text, tag = _document()
    return unchanged(tag) or Response(text, mimetype="application/json", headers={"ETag": f'W/"{tag}"'})


def put_together(app: Flask) -> None:
    """Have the document ready before it is asked for: a process that makes it stands still for it. Safe to repeat."""
    with app.app_context():
        _document()


def _document() -> tuple[bytes, str]:
    """The document as text, and its tag. Made when first asked for, after the last route was hung."""
    extensions: dict[str, Any] = current_app.extensions
    if "openapi" not in extensions:
        text = orjson.dumps(extensions["flask-smorest"]["apis"][""]["ext_obj"].as_document(), default=str,
                            option=orjson.OPT_NON_STR_KEYS)
        extensions["openapi"] = text, hashlib.sha256(text).hexdigest()[:16]
    found: tuple[bytes, str] = extensions["openapi"]
    return found


@bp.get("/docs")
@anyone
@bp.doc(parameters=[LANG_PARAMETER])
@bp.response(200, {"type": "string"}, content_type="text/html")
def docs() -> Response:
    """The document, to browse and to try."""
    return page("docs.html", policy=POLICY)
