"""The table of moves and the history of a case as they are shown."""

from marshmallow import fields

from incident_service.cases.workflow import Move, Status, Who, With
from incident_service.foundation.http import Schema


class StatusName(Schema):
    """A status and what it is called."""
    code = fields.Enum(Status, by_value=True, required=True)
    name = fields.String(required=True)


class MoveOutput(Schema):
    """A move: from where, to where (null: the status stays, or is again what it was before), by whom, with what."""
    code = fields.Enum(Move, by_value=True, required=True)
    name = fields.String(required=True)
    starts = fields.List(fields.Enum(Status, by_value=True), required=True, data_key="from")
    ends = fields.Enum(Status, by_value=True, required=True, allow_none=True, data_key="to")
    by = fields.List(fields.Enum(Who, by_value=True), required=True)
    takes = fields.List(fields.Enum(With, by_value=True), required=True)


class LifecycleOutput(Schema):
    """The table of moves."""
    statuses = fields.List(fields.Nested(StatusName), required=True)
    moves = fields.List(fields.Nested(MoveOutput), required=True)


class EventOutput(Schema):
    """One line of a case's history."""
    sequence = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    move = fields.Enum(Move, by_value=True, required=True)
    by = fields.String(required=True)
    status_before = fields.Enum(Status, by_value=True, required=True, allow_none=True)
    status_after = fields.Enum(Status, by_value=True, required=True)
    note = fields.String(required=True)
    details = fields.Dict(required=True)


class EventsOutput(Schema):
    """The whole history of a case, from its beginning."""
    items = fields.List(fields.Nested(EventOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
