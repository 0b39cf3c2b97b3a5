"""Shapes of what is sent and answered about a case's pictures and their originals."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from incident_service.foundation.consent_schemas import WishOutput
from incident_service.foundation.http import Schema, Text
from incident_service.photos import BoxKind

BOXES_AT_ONCE_MAX = 50
ROUNDING = 1e-6


def _part(*, is_length: bool = False) -> fields.Float:
    return fields.Float(required=True, validate=validate.Range(0, 1, min_inclusive=not is_length))


class BoxInput(Schema):
    """A box, relative to the upright picture: 0 to 1 from the left and the top."""
    kind = fields.Enum(BoxKind, by_value=True, required=True)
    left = _part()
    top = _part()
    width = _part(is_length=True)
    height = _part(is_length=True)

    @validates_schema(skip_on_field_errors=True)
    def stay_inside(self, data: dict[str, Any], **_: Any) -> None:
        """A box ends where the picture ends."""
        for start, length in (("left", "width"), ("top", "height")):
            if data[start] + data[length] > 1 + ROUNDING:
                raise ValidationError("Must lie inside the picture.", length)


class RedactionInput(Schema):
    """Boxes to put on a picture."""
    boxes = fields.List(fields.Nested(BoxInput), required=True, validate=validate.Length(1, BOXES_AT_ONCE_MAX))


class BoxOutput(Schema):
    """A box on a picture, and who put it there."""
    id = fields.UUID(required=True)
    kind = fields.Enum(BoxKind, by_value=True, required=True)
    left = fields.Float(required=True, attribute="left_part")
    top = fields.Float(required=True, attribute="top_part")
    width = fields.Float(required=True, attribute="width_part")
    height = fields.Float(required=True, attribute="height_part")
    added_by = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True)


class RedactionsOutput(Schema):
    """The boxes that lie on a picture, and how far its copies are."""
    photo_id = fields.UUID(required=True)
    revision = fields.Integer(required=True)
    status = fields.String(required=True)
    items = fields.List(fields.Nested(BoxOutput), required=True)


class OriginalRequestInput(Schema):
    """Why somebody must see an original."""
    reason = Text(required=True, validate=validate.Length(5, 500))


class LookOutput(Schema):
    """One look at an original."""
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    occasion = fields.String(required=True)
    reason = fields.String(required=True)


class OriginalRequestOutput(WishOutput):
    """A wish to see an original, who agreed, until when it is open, and every look so far."""
    photo_id = fields.UUID(required=True)
    looks = fields.List(fields.Nested(LookOutput), required=True)


class OriginalRequestsOutput(Schema):
    """Every wish about the originals of a case, the first one first."""
    items = fields.List(fields.Nested(OriginalRequestOutput), required=True)
