"""Rules, leaves and gaps as they go in and out."""

from marshmallow import fields, validate

from incident_service.accounts import Role
from incident_service.foundation.http import Moment, Schema, Text
from incident_service.foundation.paging import PageInput
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


class LeaveInput(Schema):
    """Who will be away, and from when to when."""
    person_id = fields.UUID(required=True)
    begins_at = Moment(required=True, data_key="from")
    ends_at = Moment(required=True, data_key="to")
    note = Text(load_default="", validate=validate.Length(max=NOTE_CHARACTERS_MAX))


class LeavesFilter(PageInput):
    """Which leaves are wanted: with `past` those that are over, too."""
    past = fields.Boolean(load_default=False)


class LeaveOutput(Schema):
    """A leave, and who entered it. One that was ended early ends where it was ended, and says by whom."""
    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True, attribute="account_id")
    begins_at = fields.AwareDateTime(required=True, data_key="from")
    ends_at = fields.AwareDateTime(required=True, data_key="to")
    note = fields.String(required=True)
    entered_by_id = fields.UUID(required=True)
    entered_at = fields.AwareDateTime(required=True)
    ended_by_id = fields.UUID(required=True, allow_none=True)
    was_to_end_at = fields.AwareDateTime(required=True, allow_none=True)


class GapsInput(Schema):
    """How many gaps are wanted."""
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 2000))


class GapOutput(Schema):
    """From when to when nobody is on duty at a post, and why."""
    area = fields.String(required=True, attribute="area_code")
    area_name = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    kind = fields.String(required=True, allow_none=True)
    begins_at = fields.AwareDateTime(required=True, data_key="from")
    ends_at = fields.AwareDateTime(required=True, data_key="to")
    reason = fields.String(required=True, validate=validate.OneOf(["no_holder", "not_rostered", "leave"]))


class GapsOutput(Schema):
    """The earliest gaps, and how many there are in all."""
    items = fields.List(fields.Nested(GapOutput), required=True)
    count = fields.Integer(required=True)
