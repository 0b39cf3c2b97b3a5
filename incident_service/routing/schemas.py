"""Rules as they go in and out, with the version they belong to."""

from marshmallow import fields, validate

from incident_service.foundation.http import Schema, Text
from incident_service.routing.models import NOTE_CHARACTERS_MAX
from incident_service.routing.rule_shapes import RULES_MAX, RuleSchema


class RulesInput(Schema):
    """A whole set of rules, in their order, and why it was changed. The last one that is on must ask nothing."""
    rules = fields.List(fields.Nested(RuleSchema), required=True, validate=validate.Length(1, RULES_MAX))
    note = Text(load_default="", validate=validate.Length(max=NOTE_CHARACTERS_MAX))


class RulesOutput(Schema):
    """A set of rules, in their order: the first that is on and matches counts."""
    version = fields.Integer(required=True)
    rules = fields.List(fields.Nested(RuleSchema), required=True, attribute="written")


class RulesVersionOutput(Schema):
    """One version of the rules, and when it was made. `made_by` is null for what was shipped or imported."""
    version = fields.Integer(required=True)
    note = fields.String(required=True)
    made_by = fields.UUID(required=True, allow_none=True, attribute="made_by_id")
    made_at = fields.AwareDateTime(required=True)


class SwitchInput(Schema):
    """Which version is to be in force."""
    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 1_000_000))
