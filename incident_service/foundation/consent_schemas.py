"""What is shown of a wish that a second person must agree to."""

from marshmallow import fields

from incident_service.foundation.http import Schema


class WishOutput(Schema):
    """Why something is to be opened, who asked, who agreed, and until when it is open."""
    id = fields.UUID(required=True)
    reason = fields.String(required=True)
    asked_by = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    approved_by = fields.String(required=True, allow_none=True)
    approved_at = fields.AwareDateTime(required=True, allow_none=True)
    ends_at = fields.AwareDateTime(required=True, allow_none=True)
