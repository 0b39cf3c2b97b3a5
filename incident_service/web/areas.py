"""Areas over HTTP: administrators import and list them, maps draw them. The views stand here because areas live below
the room that knows who is speaking, and an import asks `cases` what would move."""

from hashlib import sha256
from typing import Any

from flask import Response

from incident_service import areas
from incident_service.accounts import Role, current_account, requires
from incident_service.accounts.administration import BeyondReach
from incident_service.areas import listing
from incident_service.areas.outlines import Outline
from incident_service.foundation.http import Blueprint, unchanged
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput, page_schema
from incident_service.web import area_imports
from incident_service.web.area_imports import AreasUnfit
from incident_service.web.area_schemas import (
    AreaDraftInput,
    AreaImportInput,
    AreaInForceOutput,
    AreaReportOutput,
    AreasInput,
    AreaWithShapesOutput,
    EditionOutput,
    OutlineInput,
    OutlineOutput,
    OutlinesInput,
    OutlinesOutput,
    feature,
)

bp = Blueprint("areas", __name__, url_prefix="/api/v1", description="区域与边界")
STAFF = (Role.GRID_MANAGER, Role.OFFICER, Role.DESK, Role.SUPERVISOR, Role.ADMIN)
Tagged = Response | tuple[dict[str, Any], int, dict[str, str]]


@bp.post("/areas/previews")
@requires(Role.ADMIN)
@bp.refuses(BeyondReach)
@bp.arguments(AreaDraftInput)
@bp.response(200, AreaReportOutput)
def preview(body: dict[str, Any]) -> dict[str, Any]:
    """Say what an import of areas would do, what is wrong with them, and which open cases would move. Stores none."""
    return area_imports.preview(**body, by=current_account())


@bp.post("/areas/imports")
@requires(Role.ADMIN)
@bp.refuses(BeyondReach, areas.ImportsCollided, AreasUnfit)
@bp.arguments(AreaImportInput)
@idempotent
@bp.response(201, AreaReportOutput)
def store(body: dict[str, Any]) -> dict[str, Any]:
    """Put areas in force, all of them or none; `based_on` is the edition that their preview names."""
    return area_imports.store(**body, by=current_account())


@bp.get("/areas")
@requires(*STAFF)
@bp.arguments(AreasInput, location="query")
@bp.response(200, page_schema(AreaInForceOutput))
def list_areas(wanted: dict[str, Any]) -> Page:
    """The areas one serves in, what they lie in and what lies beside them, by code."""
    return listing.page_of_areas(_held(), **wanted)


@bp.get("/areas/editions")
@requires(Role.ADMIN)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(EditionOutput))
def list_editions(wanted: dict[str, Any]) -> Page:
    """Every import that changed something, newest first."""
    return listing.page_of_editions(**wanted)


@bp.get("/areas/outlines")
@requires(*STAFF)
@bp.arguments(OutlinesInput, location="query")
@bp.response(200, OutlinesOutput)
@bp.tagged
def draw(wanted: dict[str, Any]) -> Tagged:
    """The outlines of a layer for a map, as GeoJSON in its coordinate system; also those of an earlier edition."""
    system, number = wanted.pop("coordinate_system"), listing.latest_number()
    tag = _tag(number, wanted, system)
    if known := unchanged(tag):
        return known
    found = listing.outlines(_held(), **wanted)
    return {"type": "FeatureCollection", "coordinate_system": system, "edition": wanted["edition"] or number,
            "features": [_feature(each, system) for each in found]}, 200, {"ETag": f'W/"{tag}"'}


@bp.get("/areas/<code>")
@requires(*STAFF)
@bp.response(200, AreaWithShapesOutput)
def area(code: str) -> dict[str, Any]:
    """An area and the editions that drew it, also one that has ended."""
    found, shapes = listing.shapes_of(code, _held())
    return found._asdict() | {"shapes": shapes}


@bp.get("/areas/<code>/outline")
@requires(*STAFF)
@bp.arguments(OutlineInput, location="query")
@bp.response(200, OutlineOutput)
@bp.tagged
def draw_one(wanted: dict[str, Any], code: str) -> Tagged:
    """The outline of one area as GeoJSON, today's or as an earlier edition had it."""
    system = wanted["coordinate_system"]
    tag = _tag(listing.latest_number(), wanted, code)
    if known := unchanged(tag):
        return known
    found = listing.outline(code, _held(), edition=wanted["edition"])
    return _feature(found, system) | {"coordinate_system": system}, 200, {"ETag": f'W/"{tag}"'}


def _held() -> list[str]:
    return current_account().area_codes(*STAFF)


def _feature(outline: Outline, system: areas.CoordinateSystem) -> dict[str, Any]:
    return feature(outline, listing.as_geometry(outline, system), areas.parent_of(outline.code))


def _tag(number: int, *asked: object) -> str:
    """What was asked by whom: an area's outline depends on the edition and on nothing else."""
    return f"{number}-{sha256(repr((asked, sorted(_held()))).encode()).hexdigest()[:12]}"
