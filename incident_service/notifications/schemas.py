"""Notifications as a phone gets them."""

from marshmallow import fields

from incident_service.foundation.http import Schema
from incident_service.foundation.paging import PageInput
from incident_service.foundation.words import callers_language
from incident_service.notifications.models import Notification


def titled(row: Notification) -> str:
    """The title in the reader's language."""
    return row.title_en if callers_language() == "en" else row.title_zh


class InboxInput(PageInput):
    """Which notifications are wanted; `after` names the newest one the phone already has."""
    after = fields.UUID(load_default=None)


class NotificationOutput(Schema):
    """One thing somebody was told."""
    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    case_number = fields.String(required=True)
    title = fields.Function(titled, required=True, metadata={"type": "string"})
    link = fields.String(required=True, metadata={"description": "path of what there is to fetch; else empty"})
    at = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True, allow_none=True)
