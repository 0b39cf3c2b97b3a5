"""Deadlines that were set before the calendar changed: looked at first, then reckoned anew by the city's order."""

from typing import Any

from marshmallow import fields, validate

from incident_service import cases, catalogue
from incident_service.accounts import Role, current_account, requires
from incident_service.foundation.http import Blueprint, Schema, Text
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput
from incident_service.foundation.problems import PreconditionFailed
from incident_service.web.calendar import NotForYou, administrator

bp = Blueprint("calendar_deadlines", __name__, url_prefix="/api/v1", description="日历调整后的期限")


class DueMoveOutput(Schema):
    """An open case whose deadline would be another by the present calendar; `moves_by_s` is negative when earlier."""
    number = fields.String(required=True, attribute="case.number")
    category = fields.String(required=True, attribute="case.category")
    status = fields.String(required=True, attribute="case.status")
    area_code = fields.String(required=True, allow_none=True, attribute="case.area_code")
    due_at = fields.AwareDateTime(required=True, attribute="case.due_at")
    would_be_due_at = fields.AwareDateTime(required=True)
    moves_by_s = fields.Integer(required=True)


class DueMovesOutput(Schema):
    """Which deadlines would move, and by which calendar. A page may be short and still go on."""
    calendar_version = fields.String(required=True)
    items = fields.List(fields.Nested(DueMoveOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DueMovesInput(Schema):
    """The version of the calendar that was looked at, and why deadlines are reckoned by it: kept in each history."""
    calendar_version = Text(required=True, validate=validate.Length(1, 40))
    note = Text(required=True, validate=validate.Length(1, 2000))


class DueMovesOrdered(Schema):
    """By which calendar open deadlines are being reckoned."""
    calendar_version = fields.String(required=True)


@bp.get("/calendar/deadlines")
@requires(Role.ADMIN)
@bp.refuses(NotForYou)
@bp.arguments(PageInput, location="query")
@bp.response(200, DueMovesOutput)
def look_at_due_moves(page: dict[str, Any]) -> dict[str, Any]:
    """Which open cases would be due at another moment by the present calendar, and by how much. Changes nothing."""
    administrator()
    found: Page = cases.due_moves(**page)
    return {"calendar_version": catalogue.calendar().version, "items": found.items, "next_cursor": found.next_cursor}


@bp.post("/calendar/deadlines")
@requires(Role.ADMIN)
@bp.refuses(NotForYou, PreconditionFailed)
@bp.arguments(DueMovesInput)
@idempotent
@bp.response(202, DueMovesOrdered)
def order_due_moves(body: dict[str, Any]) -> dict[str, Any]:
    """Reckon every open deadline by the present calendar: each that moves gets a line of history, and whoever has the
    case is told. 412 when the calendar is not the one that was looked at any more."""
    administrator()
    cases.move_due(by=current_account(), **body)
    return {"calendar_version": body["calendar_version"]}
