"""Shapes of what is sent and answered about opening a reporter's identity."""

from marshmallow import fields, validate

from incident_service.foundation.consent_schemas import WishOutput
from incident_service.foundation.http import Schema, Text


class IdentityRequestInput(Schema):
    """Why somebody must know who sent a report of the case; the first one when no report is named."""
    reason = Text(required=True, validate=validate.Length(5, 500))
    report_id = fields.UUID(load_default=None)


class IdentityLookOutput(Schema):
    """One look."""
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class IdentityRequestOutput(WishOutput):
    """A wish to know a reporter, who agreed, until when it is open, and every look so far."""
    report_id = fields.UUID(required=True)
    reporter = fields.String(required=True)
    looks = fields.List(fields.Nested(IdentityLookOutput), required=True)


class IdentityRequestsOutput(Schema):
    """Every wish about the reporters of a case, the first one first."""
    items = fields.List(fields.Nested(IdentityRequestOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class IdentityOutput(Schema):
    """Who a reporter is, and until when it is open."""
    name = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True)


class IdentityOpeningOutput(Schema):
    """That one's own identity was opened: of which case, why, when, and how often it was looked at. Nobody is named."""
    case_number = fields.String(required=True)
    reason = fields.String(required=True)
    approved_at = fields.AwareDateTime(required=True)
    first_look_at = fields.AwareDateTime(required=True)
    looks = fields.Integer(required=True)


class IdentityOpeningsOutput(Schema):
    """Every time one's own identity was opened, the latest first."""
    items = fields.List(fields.Nested(IdentityOpeningOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
