"""Cases and reports as they are shown. Staff see a pseudonym for each reporter, residents see roles only."""

from marshmallow import fields

from incident_service.areas import CoordinateSystem
from incident_service.cases.deadline_schemas import DeadlineOutput
from incident_service.cases.models import Ending, Flag, Stage
from incident_service.cases.petition_models import PetitionReason, Wish
from incident_service.cases.workflow import Move, Status
from incident_service.foundation.http import Schema


def _moment() -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, allow_none=True)


class CandidateOutput(Schema):
    """Somebody a desk may give a case, and as what."""
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    area_code = fields.String(required=True)
    open_dispatches = fields.Integer(required=True, metadata={"description": "how many cases they have in hand"})


class CandidatesOutput(Schema):
    """Everybody who responds in the district of a case."""
    items = fields.List(fields.Nested(CandidateOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class PushingOutput(Schema):
    """Whether cases go out as they should. `steps_late`: what the platform owes by itself, such as the next rung.
    `jobs_owed` is of the whole city, and null for who sees but a part of it."""
    is_delayed = fields.Boolean(required=True)
    text = fields.String(required=True)
    waiting = fields.Integer(required=True)
    delayed = fields.Integer(required=True)
    oldest_s = fields.Integer(required=True)
    steps_late = fields.Integer(required=True)
    jobs_owed = fields.Integer(required=True, allow_none=True)
    oldest_job_s = fields.Integer(required=True, allow_none=True)


class PhotoOutput(Schema):
    """A picture, with links that end within two hours."""
    id = fields.UUID(required=True)
    urls = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    status = fields.String(required=True)
    captured_at = _moment()


class PhotosOutput(Schema):
    """Before, after, and what came too late to be the result."""
    before = fields.List(fields.Nested(PhotoOutput), required=True)
    after = fields.List(fields.Nested(PhotoOutput), required=True)
    late = fields.List(fields.Nested(PhotoOutput), required=True)


class NamedOutput(Schema):
    """Something with a code, and its name in the reader's language."""
    code = fields.String(required=True)
    name = fields.String(required=True)


class AreaOutput(NamedOutput):
    """One area on the way from the city to the grid."""
    layer = fields.String(required=True)


class PositionOutput(Schema):
    """A place, always in WGS-84."""
    longitude = fields.Float(required=True)
    latitude = fields.Float(required=True)
    coordinate_system = fields.Enum(CoordinateSystem, by_value=True, required=True)


class CaseSummary(Schema):
    """A case in a list."""
    number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    condition = fields.String(required=True)
    condition_name = fields.String(required=True)
    position = fields.Nested(PositionOutput, required=True)
    address = fields.String(required=True)
    area_code = fields.String(required=True, allow_none=True)
    beat_code = fields.String(required=True, allow_none=True)
    unroutable_reason = fields.String(required=True, allow_none=True)
    round = fields.Integer(required=True)
    version = fields.Integer(required=True)
    is_overdue = fields.Boolean(required=True)
    push_delayed_s = fields.Integer(required=True, allow_none=True, metadata={
        "description": "for how long it has waited to be pushed, when that is too long"})
    opened_at = fields.AwareDateTime(required=True)
    pushed_at = _moment()
    accepted_at = _moment()
    rectified_at = _moment()
    closed_at = _moment()
    due_at = _moment()
    late_excused_at = _moment()


class ResponderOutput(Schema):
    """Who received a dispatch."""
    id = fields.UUID(required=True)
    name = fields.String(required=True)


class DispatchOutput(Schema):
    """A dispatch, its own clock, and why it went where it went."""
    part = fields.String(required=True)
    role = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    round = fields.Integer(required=True)
    responder = fields.Nested(ResponderOutput, required=True)
    pushed_at = fields.AwareDateTime(required=True)
    seen_at = _moment()
    accepted_at = _moment()
    rectified_at = _moment()
    ended_at = _moment()
    ended_because = fields.Enum(Ending, by_value=True, required=True, allow_none=True)
    held_s = fields.Float(required=True, allow_none=True, metadata={
        "description": "from the push until it was rectified or ended; null while it is held"})
    explanation = fields.String(required=True)


class ReportInCase(Schema):
    """What was reported, by whom under a pseudonym of this case."""
    id = fields.UUID(required=True)
    reporter = fields.String(required=True)
    description = fields.String(required=True)
    address = fields.String(required=True)
    taken_at = _moment()
    received_at = fields.AwareDateTime(required=True)
    received_position = fields.Nested(PositionOutput, required=True)


class ClocksOutput(Schema):
    """How long each step took, in seconds; null while it has not happened. The clock starts at the push."""
    report_to_dispatch_s = fields.Float(required=True, allow_none=True)
    dispatch_to_accept_s = fields.Float(required=True, allow_none=True)
    dispatch_to_rectify_s = fields.Float(required=True, allow_none=True)
    dispatch_to_close_s = fields.Float(required=True, allow_none=True)
    within_limit = fields.Boolean(required=True, allow_none=True)


class ProofOutput(Schema):
    """What speaks for where a case went that came back: boundary (GeoJSON, as it was then), rule, and both in words."""
    part = fields.String(required=True)
    area_code = fields.String(required=True)
    area_name = fields.String(required=True)
    edition = fields.Integer(required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True)
    boundary = fields.Dict(required=True, allow_none=True)
    text = fields.String(required=True)


class DisputeOutput(Schema):
    """A case that came back twice: who decides where it belongs, and what speaks for where it went."""
    put_at = fields.AwareDateTime(required=True)
    decided_at = _moment()
    decider = fields.Nested(ResponderOutput, required=True)
    proof = fields.List(fields.Nested(ProofOutput), required=True)


class PetitionOutput(Schema):
    """More time or a pause that was asked for, and what was decided."""
    id = fields.UUID(required=True)
    wish = fields.Enum(Wish, by_value=True, required=True)
    reason = fields.Enum(PetitionReason, by_value=True, required=True)
    note = fields.String(required=True)
    until = _moment()
    asked_by = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    decided_at = _moment()
    is_granted = fields.Boolean(required=True, allow_none=True)


class WarningOutput(Schema):
    """A doubt about a picture. `photo_ids`: this case's own picture first, the one it is like second."""
    code = fields.Enum(Flag, by_value=True, required=True)
    stage = fields.Enum(Stage, by_value=True, required=True)
    text = fields.String(required=True)
    photo_ids = fields.List(fields.UUID(), required=True)
    other_case = fields.String(required=True, allow_none=True)
    is_earlier = fields.Boolean(required=True, metadata={"description": "this case had the picture first"})
    needs_decision = fields.Boolean(required=True, metadata={
        "description": "closing must name it in `acknowledged`"})


class CaseOutput(CaseSummary):
    """A case with all that belongs to it."""
    area = fields.List(fields.Nested(AreaOutput), required=True)
    reports = fields.List(fields.Nested(ReportInCase), required=True)
    photos = fields.Nested(PhotosOutput, required=True)
    dispatches = fields.List(fields.Nested(DispatchOutput), required=True)
    clocks = fields.Nested(ClocksOutput, required=True)
    deadline = fields.Nested(DeadlineOutput, required=True, allow_none=True)
    suspended_until = _moment()
    petitions = fields.List(fields.Nested(PetitionOutput), required=True)
    dispute = fields.Nested(DisputeOutput, required=True, allow_none=True)
    closing_condition = fields.String(required=True)
    explanation = fields.List(fields.String(), required=True)
    allowed = fields.List(fields.Enum(Move, by_value=True), required=True)
    warnings = fields.List(fields.Nested(WarningOutput), required=True)
    merged_into = fields.String(required=True, allow_none=True)
    merged = fields.List(fields.String(), required=True)


class ProgressOutput(Schema):
    """One step as the resident reads it: roles, never names."""
    at = fields.AwareDateTime(required=True)
    text = fields.String(required=True)


class ReportOutput(Schema):
    """A report as its reporter follows it."""
    id = fields.UUID(required=True)
    case_number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    merged_into_existing = fields.Boolean(required=True)
    withdrawn_at = _moment()
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    description = fields.String(required=True)
    address = fields.String(required=True)
    position = fields.Nested(PositionOutput, required=True)
    taken_at = _moment()
    received_at = fields.AwareDateTime(required=True)
    due_at = _moment()
    photos = fields.List(fields.Nested(PhotoOutput), required=True)
    after_photos = fields.List(fields.Nested(PhotoOutput), required=True)
    warnings = fields.List(fields.String(), required=True)
    progress = fields.List(fields.Nested(ProgressOutput), required=True)
    points = fields.Integer(required=True, metadata={
        "description": "What its reporter was given for the case and still has, without what was taken back."})
