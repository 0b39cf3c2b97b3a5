"""What can be reported. The view stands here because the catalogue lives below the room that knows who is speaking."""

from flask import Response

from incident_service import catalogue, routing
from incident_service.accounts import signed_in
from incident_service.catalogue.schemas import CategoryOutput
from incident_service.foundation.http import Blueprint, unchanged
from incident_service.foundation.paging import Page, page_schema
from incident_service.foundation.words import callers_language

bp = Blueprint("categories", __name__, url_prefix="/api/v1", description="类别与立案条件")


@bp.get("/categories")
@signed_in
@bp.response(200, page_schema(CategoryOutput))
@bp.tagged
def list_categories() -> Response | tuple[Page, int, dict[str, str]]:
    """Every category with its filing conditions, limits and closing condition, all on one page."""
    tag = f"{catalogue.version()}-{routing.in_force().revision}-{callers_language()}"
    shown = [vars(each) | {"duties": routing.usual_duties(each.code, each.default_condition.code)}
             for each in catalogue.categories()]
    return unchanged(tag) or (Page(shown, None), 200, {"ETag": f'W/"{tag}"'})
