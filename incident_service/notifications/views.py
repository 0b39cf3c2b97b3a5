"""The phone's inbox."""

from typing import Any
from uuid import UUID

from flask import Response

from incident_service import notifications
from incident_service.accounts import current_account, signed_in
from incident_service.foundation.http import Blueprint, unchanged
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, page_schema
from incident_service.foundation.problems import NotFound
from incident_service.foundation.words import callers_language
from incident_service.notifications.models import Notification
from incident_service.notifications.schemas import InboxInput, NotificationOutput

bp = Blueprint("notifications", __name__, url_prefix="/api/v1", description="推送")


@bp.get("/me/notifications")
@signed_in
@bp.refuses(NotFound)
@bp.arguments(InboxInput, location="query")
@bp.response(200, page_schema(NotificationOutput))
@bp.tagged
def my_notifications(wanted: dict[str, Any]) -> Page | Response | tuple[Page, int, dict[str, str]]:
    """What was pushed to this phone, newest first. With `If-None-Match`, 304 without reading a notification."""
    me = current_account().id
    tag = f"{notifications.revision_of(me)}-{callers_language()}"
    return unchanged(tag) or (notifications.page_of(me, **wanted), 200, {"ETag": f'W/"{tag}"'})


@bp.post("/me/notifications/<uuid:id>/seen")
@signed_in
@idempotent
@bp.response(200, NotificationOutput)
def see(id: UUID) -> Notification:
    """Mark a notification as seen. The first time counts."""
    return notifications.mark_seen(current_account().id, id)
