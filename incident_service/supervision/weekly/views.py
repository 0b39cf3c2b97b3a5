"""The doors of the weekly report."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields, validate

from incident_service.accounts import Role, current_account, requires
from incident_service.foundation.http import Blueprint, Schema
from incident_service.foundation.problems import NotFound
from incident_service.foundation.words import LANGUAGES
from incident_service.supervision.weekly import sending, subscribing
from incident_service.supervision.weekly.models import WeeklyReport, WeeklySubscription

bp = Blueprint("weekly", __name__, url_prefix="/api/v1/supervision/weekly-reports", description="督查")


class SubscriptionInput(Schema):
    """In which language the report is to be."""
    language = fields.String(load_default="zh", validate=validate.OneOf(LANGUAGES))


class SubscriptionOutput(Schema):
    """Whether I get a report of each week, in which language, and from which week on the next one is owed."""
    is_subscribed = fields.Boolean(required=True)
    language = fields.String(required=True, allow_none=True)
    next_week = fields.Date(required=True, allow_none=True, metadata={"description": "its Monday"})


class WeeklyReportOutput(Schema):
    """A report that was made."""
    id = fields.UUID(required=True)
    week = fields.Date(required=True, metadata={"description": "the Monday of the week"})
    areas = fields.List(fields.String(), required=True, metadata={"description": "codes of the areas it is about"})
    made_at = fields.AwareDateTime(required=True)
    url = fields.Function(lambda each: sending.REPORT.format(id=each.id), required=True, metadata={"type": "string"})


class WeeklyReportsOutput(Schema):
    """My reports, the latest week first."""
    items = fields.List(fields.Nested(WeeklyReportOutput), required=True)


@bp.get("")
@requires(Role.SUPERVISOR)
@bp.response(200, WeeklyReportsOutput)
def show_reports() -> dict[str, list[WeeklyReport]]:
    """My weekly reports, as far as they are about areas that I look over now."""
    return {"items": sending.reports_of(current_account())}


@bp.get("/subscription")
@requires(Role.SUPERVISOR)
@bp.response(200, SubscriptionOutput)
def show_subscription() -> dict[str, Any]:
    """Whether I get the weekly report."""
    return _told(subscribing.subscription_of(current_account()))


@bp.put("/subscription")
@requires(Role.SUPERVISOR)
@bp.arguments(SubscriptionInput)
@bp.response(200, SubscriptionOutput)
def subscribe(body: dict[str, Any]) -> dict[str, Any]:
    """Send me a report of each week about the areas I look over, beginning with the week that runs."""
    return _told(subscribing.subscribe(by=current_account(), **body))


@bp.delete("/subscription")
@requires(Role.SUPERVISOR)
@bp.response(200, SubscriptionOutput)
def unsubscribe() -> dict[str, Any]:
    """Send me no more of them; those that were made stay."""
    subscribing.unsubscribe(by=current_account())
    return _told(None)


def _told(found: WeeklySubscription | None) -> dict[str, Any]:
    return {"is_subscribed": found is not None, "language": found and found.language,
            "next_week": found and found.next_week}


@bp.get("/<uuid:id>/report.pdf")
@requires(Role.SUPERVISOR)
@bp.refuses(NotFound)
@bp.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def show_report(id: UUID) -> Response:
    """One of my weekly reports."""
    found = sending.read_report(id, by=current_account())
    response = Response(found.pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="week-{found.week}.pdf"'
    response.cache_control.no_store = True
    return response
