"""Shapes of files that are being made."""

from marshmallow import fields

from incident_service.exports.models import Kind, State
from incident_service.foundation.http import Schema


class ExportOutput(Schema):
    """A file that was asked for: how far it is (`done` of `total`, null while unknown), where to ask again, and where
    to fetch it once it is ready."""
    id = fields.UUID(required=True)
    kind = fields.Enum(Kind, by_value=True, required=True)
    state = fields.Enum(State, by_value=True, required=True)
    done = fields.Integer(required=True)
    total = fields.Integer(required=True, allow_none=True)
    file_name = fields.String(required=True)
    byte_count = fields.Integer(required=True)
    problem = fields.String(required=True)
    status_url = fields.String(required=True)
    file_url = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    ready_at = fields.AwareDateTime(required=True, allow_none=True)
    expires_at = fields.AwareDateTime(required=True)


class ExportsOutput(Schema):
    """One's own files, the latest first."""
    items = fields.List(fields.Nested(ExportOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
