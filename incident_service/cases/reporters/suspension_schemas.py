"""Shapes of what is sent and answered about suspended reporters."""

from marshmallow import fields

from incident_service.cases.move_schemas import ReasonedInput
from incident_service.cases.reporters.suspension_models import Misconduct, Ruling
from incident_service.foundation.http import Moment, Schema
from incident_service.foundation.paging import PageInput


class ReporterSuspensionInput(ReasonedInput):
    """Why a reporter of a case is suspended, in a code and in words told to them, and until when (null: open end).
    `report_id`: which of the case's reports they sent; the first one when it is left out."""
    reason = fields.Enum(Misconduct, by_value=True, required=True)
    until = Moment(load_default=None, allow_none=True)
    report_id = fields.UUID(load_default=None)


class RulingInput(ReasonedInput):
    """What somebody else decides about the appeal, and why."""
    ruling = fields.Enum(Ruling, by_value=True, required=True)


class SuspensionFilter(PageInput):
    """Which suspensions are wanted: with `waiting`, only those whose appeal waits to be decided."""
    waiting = fields.Boolean(load_default=False)


class OwnSuspensionOutput(Schema):
    """A suspension as whoever is suspended reads it: nobody is named."""
    id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    area_code = fields.String(required=True, metadata={"description": "within which they may not report"})
    reason = fields.Enum(Misconduct, by_value=True, required=True)
    reason_text = fields.String(required=True)
    note = fields.String(required=True)
    begins_at = fields.AwareDateTime(required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)
    is_in_force = fields.Boolean(required=True)
    may_appeal = fields.Boolean(required=True)
    appealed_at = fields.AwareDateTime(required=True, allow_none=True)
    appeal_note = fields.String(required=True)
    ruling = fields.Enum(Ruling, by_value=True, required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decision_note = fields.String(required=True)
    lifted_at = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "taken back"})
    lift_note = fields.String(required=True)


class OwnSuspensionsOutput(Schema):
    """Every suspension of whoever asks, the latest first."""
    items = fields.List(fields.Nested(OwnSuspensionOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ReporterSuspensionOutput(OwnSuspensionOutput):
    """The same for supervisors: who is suspended, under the pseudonym of that case."""
    reporter = fields.String(required=True)
    suspended_by = fields.String(required=True)
    decided_by = fields.String(required=True, allow_none=True)
