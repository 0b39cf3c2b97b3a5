"""The demo town on the front page: who can sign in, and its latest cases, live. Hung in development only."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from flask import Flask, Response, current_app
from marshmallow import fields

from incident_service import areas, catalogue
from incident_service.accounts import anyone
from incident_service.areas import Layer
from incident_service.cases import Case, Status, queries
from incident_service.cases.workflow import NAMES
from incident_service.foundation.http import Blueprint, Schema, unchanged
from incident_service.foundation.words import Words
from incident_service.web.rendering import LANG_PARAMETER, language_of_page

CASES_SHOWN = 12
LAYERS_SHOWN = (Layer.STREET, Layer.COMMUNITY, Layer.GRID)
STEPS = ("opened_at", "pushed_at", "accepted_at", "rectified_at", "closed_at")
bp = Blueprint("demo", __name__, url_prefix="/demo", description="演示小镇")


class Cast(NamedTuple):
    """Who can sign in to the demo town: phone and role of each, and the password they share."""

    password: str
    logins: Sequence[tuple[str, Words]]


def introduce(app: Flask, cast: Cast) -> None:
    """Have the front page name the cast."""
    app.extensions["demo_cast"] = cast


def cast() -> Cast | None:
    """The cast; None where there is no demo town."""
    return current_app.extensions.get("demo_cast")


class LatestCase(Schema):
    """A case as anybody may see it: no person, no address, no words anybody wrote."""
    number = fields.String(required=True)
    category_name = fields.String(required=True)
    status = fields.Enum(Status, by_value=fields.String, required=True)
    status_name = fields.String(required=True)
    areas = fields.List(fields.String(), required=True)
    is_overdue = fields.Boolean(required=True)
    opened_at = fields.AwareDateTime(required=True)
    pushed_at = fields.AwareDateTime(required=True, allow_none=True)
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    rectified_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)


class LatestCases(Schema):
    """The latest cases, newest first."""
    items = fields.List(fields.Nested(LatestCase), required=True)


@bp.get("/latest-cases")
@anyone
@bp.doc(parameters=[LANG_PARAMETER])
@bp.response(200, LatestCases)
@bp.tagged
def latest_cases() -> Response | tuple[dict[str, Any], dict[str, str]]:
    """The demo town's latest cases, newest first. There in development only."""
    items = latest(language_of_page())
    tag = hashlib.sha256(orjson.dumps(items)).hexdigest()[:16]
    return unchanged(tag) or ({"items": items}, {"ETag": f'W/"{tag}"', "Vary": "Accept-Language"})


def latest(language: str) -> list[dict[str, Any]]:
    """The same, for the page as it is first shown."""
    return [_shown(case, language) for case in queries.latest(CASES_SHOWN)]


def _shown(case: Case, language: str) -> dict[str, Any]:
    return {step: getattr(case, step) for step in STEPS} | {
        "number": case.number,
        "category_name": catalogue.category(case.category).name.in_language(language),
        "status": case.status,
        "status_name": NAMES[case.status].in_language(language),
        "areas": _areas(case.area_code),
        "is_overdue": queries.is_overdue(case),
    }


def _areas(code: str | None) -> list[str]:
    """The names from the street down to the grid."""
    if code is None or not areas.is_known(code):
        return []
    return [each.name for each in areas.path_of(code) if each.layer in LAYERS_SHOWN]
