"""What is sent to move many cases at once, and what came of each."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from incident_service.cases.bulk import AT_ONCE_MAX, TAKES
from incident_service.cases.models import Flag
from incident_service.cases.move_schemas import NOTE_CHARACTERS_MAX
from incident_service.cases.voiding import VoidReason
from incident_service.cases.workflow import Move, Status
from incident_service.foundation.http import Schema, Text

MISSING = "Missing data for required field."


class BulkInput(Schema):
    """One move for many cases. `void` needs a reason and a note, `rework` a note; `close` may acknowledge warnings."""
    move = fields.String(required=True, validate=validate.OneOf(sorted(TAKES)))
    numbers = fields.List(Text(validate=validate.Length(1, 64)), required=True,
                          validate=validate.Length(1, AT_ONCE_MAX))
    note = Text(validate=validate.Length(max=NOTE_CHARACTERS_MAX))
    reason = fields.Enum(VoidReason, by_value=True)
    acknowledged = fields.List(fields.Enum(Flag, by_value=True), validate=validate.Length(max=20))

    @validates_schema
    def _takes(self, body: dict[str, Any], **_: Any) -> None:
        """A move takes what it takes, and nothing else."""
        takes = TAKES[Move(body["move"])]
        if missing := [name for name in takes.needs if not body.get(name)]:
            raise ValidationError({name: [MISSING] for name in missing})
        if strange := body.keys() - {"move", "numbers", *takes.needs, *takes.may_have}:
            raise ValidationError({name: ["Unknown field."] for name in sorted(strange)})


class OutcomeOutput(Schema):
    """What came of one case: its status now, or the problem it was refused with."""
    number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True, allow_none=True)
    problem = fields.Dict(required=True, allow_none=True)


class BulkOutput(Schema):
    """What came of each case, in the order they were named, and how many were moved."""
    items = fields.List(fields.Nested(OutcomeOutput), required=True)
    moved = fields.Integer(required=True)
    next_cursor = fields.String(required=True, allow_none=True)
