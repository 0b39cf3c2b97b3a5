"""How a deadline came about, as it is shown."""

from marshmallow import fields

from incident_service.cases.workflow import Move
from incident_service.catalogue import Unit
from incident_service.foundation.http import Schema


class HolidayOutput(Schema):
    """A holiday that did not count, and how many of its days."""
    name = fields.String(required=True)
    days = fields.Integer(required=True)


class StoodOutput(Schema):
    """A pause in which the clock of a reckoning stood still."""
    begins_at = fields.AwareDateTime(required=True, data_key="from", attribute="from")
    ends_at = fields.AwareDateTime(required=True, data_key="to", attribute="to")


class ReckoningOutput(Schema):
    """One reckoning of a deadline. What lies in working time is counted only where the unit runs in working time."""
    at = fields.AwareDateTime(required=True)
    because = fields.Enum(Move, by_value=True, required=True)
    starts_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    condition = fields.String(required=True)
    limit = fields.Integer(required=True)
    unit = fields.Enum(Unit, by_value=True, required=True)
    is_provisional = fields.Boolean(required=True)
    calendar_version = fields.String(required=True)
    rules_version = fields.String(required=True)
    span_minutes = fields.Integer(metadata={"description": "what was left, where it is not the whole limit"})
    extensions = fields.Integer(metadata={"description": "as much again was added so many times"})
    pauses = fields.List(fields.Nested(StoodOutput), required=True)
    slots = fields.Integer()
    working_minutes = fields.Integer()
    weekend_days = fields.Integer()
    make_up_days = fields.Integer()
    holidays = fields.List(fields.Nested(HolidayOutput), required=True)


class PauseOutput(Schema):
    """From when to when a clock stood still (挂账); without an end while it does."""
    begins_at = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class DeadlineOutput(Schema):
    """Why a case is due when it is, in words and step by step; the last step is in force."""
    due_at = fields.AwareDateTime(required=True)
    limit = fields.Integer(required=True, allow_none=True)
    unit = fields.Enum(Unit, by_value=True, required=True, allow_none=True)
    is_provisional = fields.Boolean(required=True)
    rules_version = fields.String(required=True, allow_none=True)
    calendar_version = fields.String(required=True, allow_none=True)
    is_by_present_calendar = fields.Boolean(required=True)
    pauses = fields.List(fields.Nested(PauseOutput), required=True)
    steps = fields.List(fields.Nested(ReckoningOutput), required=True)
    text = fields.List(fields.String(), required=True)
