"""The doors of what needs somebody now, and of maps."""

from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate

from incident_service.accounts import Role, current_account, requires
from incident_service.cases import Status
from incident_service.foundation import clock
from incident_service.foundation.http import Blueprint
from incident_service.foundation.paging import PageInput, page_schema
from incident_service.foundation.snapshot import snapshot
from incident_service.routing import GapsInput, GapsOutput
from incident_service.supervision import live, places, presenting
from incident_service.supervision.asking import FiltersInput, filters_of, period_of
from incident_service.supervision.out_schemas import (
    BacklogOutput,
    HeatmapOutput,
    HoldingOutput,
    OpenCasesOutput,
    SpotsOutput,
    WaitingOutput,
)
from incident_service.supervision.scope import scope_of
from incident_service.supervision.views import as_asked

bp = Blueprint("live", __name__, url_prefix="/api/v1/supervision", description="督查")
WaitingPage = page_schema(WaitingOutput)
MINUTES_MAX = 31 * 24 * 60
OPEN_CASES = "/api/v1/supervision/open-cases"


class SoonDueInput(PageInput):
    """How near the deadline is."""
    minutes = fields.Integer(load_default=120, validate=validate.Range(1, MINUTES_MAX))


class OpenCasesInput(PageInput):
    """Which open cases; `unseen`: somebody, or the responder who is named, holds them and has not opened them."""
    status = fields.Enum(Status, by_value=True, load_default=None)
    age = fields.String(load_default=None, validate=validate.OneOf([*dict(live.AGES), live.OLDER]))
    responder = fields.UUID(load_default=None)
    overdue = fields.Boolean(load_default=False)
    unseen = fields.Boolean(load_default=False)


class HeatmapInput(FiltersInput):
    """Which cases, in hexagons of which size (H3: 7 is some 5 km², 9 some 0.1 km², 11 some 2,000 m²)."""
    resolution = fields.Integer(load_default=9, validate=validate.Range(5, 11))


@bp.get("/soon-due")
@requires(Role.SUPERVISOR)
@bp.arguments(SoonDueInput, location="query")
@bp.response(200, WaitingPage)
@snapshot()
def show_soon_due(wanted: dict[str, Any]) -> dict[str, Any]:
    """What will be overdue soon within my areas, the nearest deadline first."""
    return _page(live.soon_due(scope_of(current_account()), **wanted))


@bp.get("/unseen")
@requires(Role.SUPERVISOR)
@bp.arguments(PageInput, location="query")
@bp.response(200, WaitingPage)
@snapshot()
def show_unseen(page: dict[str, Any]) -> dict[str, Any]:
    """Cases that none of their responders has opened, the longest waiting first."""
    return _page(live.unseen(scope_of(current_account()), **page))


@bp.get("/to-and-fro")
@requires(Role.SUPERVISOR)
@bp.arguments(PageInput, location="query")
@bp.response(200, WaitingPage)
@snapshot()
def show_to_and_fro(page: dict[str, Any]) -> dict[str, Any]:
    """Open cases that were given back or handed on at least twice (推诿), the oldest first."""
    return _page(live.to_and_fro(scope_of(current_account()), **page))


def _page(found: Any) -> dict[str, Any]:
    return {"items": [presenting.late(each) for each in found.items], "next_cursor": found.next_cursor}


@bp.get("/open-cases")
@requires(Role.SUPERVISOR)
@bp.arguments(OpenCasesInput, location="query")
@bp.response(200, OpenCasesOutput)
@snapshot()
def show_open_cases(wanted: dict[str, Any]) -> dict[str, Any]:
    """The open cases behind a number of `backlog` or `holding`, the oldest first."""
    found, count = live.open_cases(scope_of(current_account()), **wanted)
    return _page(found) | {"count": count}


@bp.get("/holding")
@requires(Role.SUPERVISOR)
@bp.response(200, HoldingOutput)
def show_holding() -> dict[str, Any]:
    """Who holds what for how long, the longest first."""
    now = clock.now()
    return {"items": [each._asdict() | {"held_s": int((now - each.oldest_pushed_at).total_seconds()),
                                        "cases_url": f"{OPEN_CASES}?responder={each.responder_id}"}
                      for each in live.holding(scope_of(current_account()))]}


@bp.get("/roster-gaps")
@requires(Role.SUPERVISOR)
@bp.arguments(GapsInput, location="query")
@bp.response(200, GapsOutput)
def show_roster_gaps(wanted: dict[str, Any]) -> dict[str, Any]:
    """When nobody will be on duty at a post within my areas, in the next seven days, the earliest first."""
    found = live.roster_gaps(scope_of(current_account()))
    return {"items": found[:wanted["limit"]], "count": len(found)}


@bp.get("/backlog")
@requires(Role.SUPERVISOR)
@bp.response(200, BacklogOutput)
def show_backlog() -> dict[str, Any]:
    """How many cases are open, by status and age."""
    return {"items": [each._asdict() | {"cases_url": f"{OPEN_CASES}?status={each.status}"}
                      for each in live.backlog(scope_of(current_account()))]}


@bp.get("/heatmap")
@requires(Role.SUPERVISOR)
@bp.arguments(HeatmapInput, location="query")
@bp.response(200, HeatmapOutput)
def show_heatmap(wanted: dict[str, Any]) -> Response:
    """Cases in hexagons, with their figures, for any filter. Per grid: `response-times?group_by=area:grid`."""
    asked = period_of(wanted)
    found = places.heatmap(scope_of(current_account()), asked, filters_of(wanted), resolution=wanted["resolution"])
    return jsonify({                                # looking at each field of each would take longer than all the rest
        "resolution": wanted["resolution"], "cases": sum(each.figures.cases for each in found),
        "cases_url": presenting.cases_url(as_asked(), asked),
        "items": presenting.hexagons(found, as_asked(), asked)})


@bp.get("/recurring-spots")
@requires(Role.SUPERVISOR)
@bp.arguments(FiltersInput, location="query")
@bp.response(200, SpotsOutput)
def show_recurring_spots(wanted: dict[str, Any]) -> dict[str, Any]:
    """Where the same thing recurs: three cases or more, each within 30 m and 90 days of another."""
    asked = period_of(wanted)
    found = places.recurring_spots(scope_of(current_account()), asked, filters_of(wanted))
    return {"items": presenting.spots(found, as_asked(), asked)}
