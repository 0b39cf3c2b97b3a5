"""What is sent with the moves of a case."""

from marshmallow import fields, validate

from incident_service.areas import CoordinateSystem
from incident_service.cases.appeal_models import Verdict
from incident_service.cases.input_schemas import ADDRESS_CHARACTERS_MAX, Photos
from incident_service.cases.reopening import ReopenReason
from incident_service.cases.voiding import VoidReason
from incident_service.cases.workflow import Status
from incident_service.catalogue import Likeness
from incident_service.foundation.http import Schema, Text

NOTE_CHARACTERS_MAX = 2000
SAID = validate.Length(1, NOTE_CHARACTERS_MAX)


class NoteInput(Schema):
    """Words that may go with a move."""
    note = Text(load_default="", validate=validate.Length(max=NOTE_CHARACTERS_MAX))


class ReasonedInput(Schema):
    """A move that must say why."""
    note = Text(required=True, validate=SAID)


class VoidInput(ReasonedInput):
    """Why something is no case (作废)."""
    reason = fields.Enum(VoidReason, by_value=True, required=True)


class ReopeningInput(Schema):
    """Why a closed case goes on (重开). A reporter sends a picture of the place too."""
    reason = fields.Enum(ReopenReason, by_value=True, required=True)
    note = Text(load_default="", validate=validate.Length(max=NOTE_CHARACTERS_MAX))
    photos = Photos(required=False, load_default=list)


class CommentInput(Schema):
    """Words about a case (备注); public ones are read by its reporters too."""
    text = Text(required=True, validate=SAID)
    is_public = fields.Boolean(load_default=False)


class AmendmentInput(ReasonedInput):
    """What a report said wrongly: the category, the place (both degrees with their system), the address."""
    category = Text(validate=validate.Length(1, 64))
    longitude = fields.Float(validate=validate.Range(-180, 180))
    latitude = fields.Float(validate=validate.Range(-90, 90))
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True)
    address = Text(validate=validate.Length(max=ADDRESS_CHARACTERS_MAX))


class ConditionInput(ReasonedInput):
    """How grave a case is (立案条件)."""
    condition = Text(required=True, validate=validate.Length(1, 64))


class DecisionInput(ReasonedInput):
    """What a supervisor decided about an appeal."""
    verdict = fields.Enum(Verdict, by_value=True, required=True,
                          validate=validate.OneOf([Verdict.GRANTED, Verdict.REFUSED]))


class ReviewInput(NoteInput):
    """What a second look found (抽查)."""
    verdict = fields.Enum(Verdict, by_value=True, required=True,
                          validate=validate.OneOf([Verdict.CONFIRMED, Verdict.REOPENED]))


class MergeInput(NoteInput):
    """The number of the case that goes on for both (并案)."""
    into = Text(required=True, validate=validate.Length(1, 64))


class DuplicateOutput(Schema):
    """An open case that may be the same thing, and what speaks for it."""
    number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    distance_m = fields.Float(required=True)
    likeness = fields.Enum(Likeness, by_value=True, required=True)
    plates = fields.List(fields.String(), required=True)
    has_same_picture = fields.Boolean(required=True)


class DuplicatesOutput(Schema):
    """The open cases that may be the same thing, the surest first."""
    items = fields.List(fields.Nested(DuplicateOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class AppealOutput(Schema):
    """An appeal that waits to be decided."""
    case_number = fields.String(required=True)
    note = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)


class SecondLookOutput(Schema):
    """A closing that waits for a second look."""
    case_number = fields.String(required=True)
    round = fields.Integer(required=True)
    drawn_at = fields.AwareDateTime(required=True)


class SatisfactionInput(Schema):
    """Whether a closed case is solved, and whether its reporter is satisfied (评价)."""
    is_solved = fields.Boolean(required=True, data_key="solved")
    is_satisfied = fields.Boolean(required=True, data_key="satisfied")
    note = Text(load_default="", validate=validate.Length(max=NOTE_CHARACTERS_MAX))


class SatisfactionOutput(Schema):
    """What was said; while it is not solved, until when the case may be reopened."""
    number = fields.String(required=True)
    solved = fields.Boolean(required=True)
    satisfied = fields.Boolean(required=True)
    may_reopen_until = fields.AwareDateTime(required=True, allow_none=True)


class MovedOutput(Schema):
    """Where a case stands after a move that its reporter may make too."""
    number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    version = fields.Integer(required=True)
