"""The answers about rates, the present state, and places."""

from marshmallow import fields

from incident_service.foundation.http import Schema
from incident_service.supervision.schemas import FiguresOutput, OverdueOutput, sample_field


def _count(what: str) -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": what, "minimum": 0})


class RateOutput(Schema):
    """One version of a rate: what is counted above and below the line."""
    code = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    counted_by = fields.String(required=True, metadata={"enum": ["due_at", "opened_at"]})
    numerator = fields.List(fields.String(), required=True)
    denominator = fields.List(fields.String(), required=True)
    without = fields.List(fields.String(), required=True)
    source = fields.String(required=True)


class RateValueOutput(Schema):
    """A rate of some cases, with both counts and where the cases behind them are listed."""
    code = fields.String(required=True)
    version = fields.Integer(required=True)
    numerator = _count("above the line")
    denominator = _count("below the line")
    percent = fields.Float(required=True, allow_none=True, metadata={"description": "null when nothing is below it"})
    sample = sample_field("`small`: so few below the line that it says nothing of anybody")
    numerator_url = fields.String(required=True)
    denominator_url = fields.String(required=True)


class RateItemOutput(Schema):
    """The rates of one group."""
    key = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    values = fields.List(fields.Nested(RateValueOutput), required=True)


class RatesOutput(Schema):
    """Rates, side by side and of all cases together."""
    since = fields.AwareDateTime(required=True, data_key="from")
    until = fields.AwareDateTime(required=True, data_key="to")
    group_by = fields.String(required=True, allow_none=True)
    rates = fields.List(fields.Nested(RateOutput), required=True)
    items = fields.List(fields.Nested(RateItemOutput), required=True)
    total = fields.List(fields.Nested(RateValueOutput), required=True)
    what_counts = fields.List(fields.String(), required=True)


class RateVersionsOutput(Schema):
    """Every version of every rate."""
    items = fields.List(fields.Nested(RateOutput), required=True)


class WaitingOutput(OverdueOutput):
    """A case that waits, and who holds it."""
    due_at = fields.AwareDateTime(required=True, allow_none=True)


class OpenCasesOutput(Schema):
    """One page of open cases; `count` is the number that led here."""
    items = fields.List(fields.Nested(WaitingOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    count = _count("how many there are in all")


class HeldOutput(Schema):
    """What one responder holds."""
    responder_id = fields.UUID(required=True)
    name = fields.String(required=True)
    cases = _count("not rectified")
    overdue = _count("of them past the deadline")
    unseen = _count("of them not opened yet")
    oldest_pushed_at = fields.AwareDateTime(required=True)
    held_s = _count("whole seconds since the oldest was pushed")
    cases_url = fields.String(required=True, metadata={
        "description": "where they are listed; with `&overdue=true` or `&unseen=true` those of the other numbers"})


class HoldingOutput(Schema):
    """Who holds what, for how long."""
    items = fields.List(fields.Nested(HeldOutput), required=True)


class BacklogLineOutput(Schema):
    """Open cases of one status by age since the report."""
    status = fields.String(required=True)
    cases = _count("in all")
    by_age = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    cases_url = fields.String(required=True, metadata={
        "description": "where they are listed; with `&age=` and the name of an age those of that age"})


class BacklogOutput(Schema):
    """Everything that is open."""
    items = fields.List(fields.Nested(BacklogLineOutput), required=True)


class HexagonOutput(FiguresOutput):
    """A hexagon of the H3 grid (degrees in WGS-84), and the figures of the cases in it."""
    cell = fields.String(required=True)
    longitude = fields.Float(required=True)
    latitude = fields.Float(required=True)
    boundary = fields.List(fields.List(fields.Float()), required=True)
    with_deadline = _count("that have a deadline to keep")
    within_limit_percent = fields.Float(required=True, allow_none=True, metadata={
        "description": "of those that have a deadline to keep"})
    within_limit_sample = sample_field("`small`: so few have one that the percentage says nothing of anybody")


class HeatmapOutput(Schema):
    """Hexagons that hold a case, the fullest first."""
    resolution = fields.Integer(required=True)
    items = fields.List(fields.Nested(HexagonOutput), required=True)
    cases = _count("in all of them")
    cases_url = fields.String(required=True)


class SpotOutput(Schema):
    """A spot where the same thing recurs."""
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    longitude = fields.Float(required=True)
    latitude = fields.Float(required=True)
    cases = _count("in the chain")
    first_at = fields.AwareDateTime(required=True)
    last_at = fields.AwareDateTime(required=True)
    numbers = fields.List(fields.String(), required=True, metadata={"description": "of the earliest 1,000 of them"})
    cases_url = fields.String(required=True, metadata={"description": "where all of them are listed"})


class SpotsOutput(Schema):
    """Recurring spots, the most frequent first."""
    items = fields.List(fields.Nested(SpotOutput), required=True)
