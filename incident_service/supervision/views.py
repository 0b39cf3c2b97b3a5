"""The doors of supervision: response times, the cases behind them, and what is overdue."""

import re
from collections.abc import Mapping
from typing import Any

import h3
from flask import request
from marshmallow import ValidationError, fields, validate

from incident_service import supervision
from incident_service.accounts import Role, current_account, requires
from incident_service.foundation.http import Blueprint, Text
from incident_service.foundation.paging import PageInput, page_schema
from incident_service.foundation.snapshot import snapshot
from incident_service.supervision import presenting
from incident_service.supervision.asking import GroupedInput, ResponseTimesInput, filters_of, period_of
from incident_service.supervision.behind import Figure, cases_behind
from incident_service.supervision.response_times import compared, figures_of
from incident_service.supervision.schemas import (
    CasesBehindOutput,
    OverdueOutput,
    PeriodFiguresOutput,
    ResponseTimesOutput,
)
from incident_service.supervision.scope import Scope, scope_of

bp = Blueprint("supervision", __name__, url_prefix="/api/v1/supervision", description="督查")
own_bp = Blueprint("own_figures", __name__, url_prefix="/api/v1/me", description="督查")
HEXAGON = re.compile(r"[0-9a-f]{15}", re.ASCII)
OWN_CASES = "/api/v1/me/figures/cases"
NUMBER_CHARACTERS_MAX = 64


def as_asked() -> Mapping[str, str]:
    """The question as it was sent, for the addresses of the cases behind its answer."""
    return request.args


def _is_hexagon(cell: str) -> None:
    if not HEXAGON.fullmatch(cell) or not h3.is_valid_cell(cell):
        raise ValidationError("Not a valid hexagon.")


class CasesBehindInput(GroupedInput, PageInput):
    """Which cases, behind which figure; with `group_by` and `key` those of one group (`key=` those in none)."""
    figure = fields.Enum(Figure, by_value=True, load_default=Figure.CASES)
    key = Text(load_default=None)
    hexagon = Text(load_default=None, validate=_is_hexagon, metadata={
        "description": "Within this hexagon of the H3 grid, as `heatmap` calls it"})
    spot = Text(load_default=None, validate=validate.Length(max=NUMBER_CHARACTERS_MAX), metadata={
        "description": "Of the recurring spot to which the case of this number belongs"})


@bp.get("/response-times")
@requires(Role.SUPERVISOR)
@bp.arguments(ResponseTimesInput, location="query")
@bp.response(200, ResponseTimesOutput)
def show_response_times(wanted: dict[str, Any]) -> dict[str, Any]:
    """How long the city takes, over the cases within my areas; live. A period has at most five years."""
    scope, asked, filters = scope_of(current_account()), period_of(wanted), filters_of(wanted)
    if wanted["compare"]:
        found = compared(scope, asked, group_by=wanted["group_by"], filters=filters)
        return presenting.beside_others(found, as_asked())
    return presenting.side_by_side(figures_of(scope, asked, group_by=wanted["group_by"], filters=filters), as_asked())


@bp.get("/cases")
@requires(Role.SUPERVISOR)
@bp.arguments(CasesBehindInput, location="query")
@bp.response(200, CasesBehindOutput)
@snapshot()
def show_cases_behind(wanted: dict[str, Any]) -> dict[str, Any]:
    """The cases behind a figure, newest first: the same question as for the figure, and its name."""
    return _listed(scope_of(current_account()), wanted)


@own_bp.get("/figures")
@requires(Role.GRID_MANAGER, Role.OFFICER)
@own_bp.arguments(GroupedInput, location="query")
@own_bp.response(200, PeriodFiguresOutput)
def show_own_response_times(wanted: dict[str, Any]) -> dict[str, Any]:
    """My own figures as my supervisors see them: every case that was given to me, by my own clocks."""
    found = figures_of(Scope(None), period_of(wanted), group_by=wanted["group_by"], filters=filters_of(_own(wanted)))
    return presenting.side_by_side(found, as_asked(), cases_url=OWN_CASES)


@own_bp.get("/figures/cases")
@requires(Role.GRID_MANAGER, Role.OFFICER)
@own_bp.arguments(CasesBehindInput, location="query")
@own_bp.response(200, CasesBehindOutput)
@snapshot()
def show_own_cases_behind(wanted: dict[str, Any]) -> dict[str, Any]:
    """How my figures came about: the cases behind each of them."""
    return _listed(Scope(None), _own(wanted))


def _own(wanted: dict[str, Any]) -> dict[str, Any]:
    return wanted | {"responder": current_account().id}


def _listed(scope: Scope, wanted: dict[str, Any]) -> dict[str, Any]:
    filters = filters_of(wanted, group_by=wanted["group_by"], key=wanted["key"])
    return presenting.listed(cases_behind(scope, period_of(wanted), filters, wanted["figure"], limit=wanted["limit"],
                                          cursor=wanted["cursor"], hexagon=wanted["hexagon"], spot=wanted["spot"]))


@bp.get("/overdue")
@requires(Role.SUPERVISOR)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(OverdueOutput))
@snapshot()
def show_overdue(page: dict[str, Any]) -> dict[str, Any]:
    """What is overdue within my areas right now, the longest overdue first."""
    found = supervision.overdue(by=current_account(), **page)
    return {"items": [presenting.late(each) for each in found.items], "next_cursor": found.next_cursor}
