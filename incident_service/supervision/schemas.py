"""The answers supervisors get."""

from marshmallow import fields

from incident_service.cases import Status
from incident_service.foundation.http import Schema
from incident_service.supervision.grouping import GroupBy


def _moment(what: str, *, is_needed: bool = False) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, allow_none=not is_needed, metadata={"description": what})


def _seconds(what: str) -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata={"description": what})


def sample_field(what: str) -> fields.String:
    """The mark of small numbers."""
    return fields.String(required=True, metadata={"enum": ["small", "enough"], "description": what})


class TimesOutput(Schema):
    """How long a step took, in seconds; null when no case has taken it. Percentiles interpolate linearly."""
    cases = fields.Integer(required=True, metadata={"description": "how many cases have taken it", "minimum": 0})
    sample = sample_field("`small`: so few have taken it that nobody should be judged by how long that was")
    p50 = _seconds("median")
    p90 = _seconds("nine of ten took no longer")
    p95 = _seconds("nineteen of twenty took no longer")
    mean = _seconds("arithmetic mean")


def _times(what: str) -> fields.Nested:
    return fields.Nested(TimesOutput, required=True, metadata={"description": what})


def _number(what: str) -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": what, "minimum": 0})


class FiguresOutput(Schema):
    """Counts and times of some cases. Clocks begin at the push; rework does not restart them."""
    cases = _number("cases reported in the period")
    closed = _number("of them closed")
    within_limit = _number("of them rectified by the deadline (imported without a rectification: closed by it)")
    negative_spans = _number("of them with a span that ends before it begins, which is left out of the times")
    to_dispatch = _times("from the report to the push")
    to_accept = _times("from the push to the acceptance")
    to_rectify = _times("from the push to the rectification")
    to_close = _times("from the push, or without one from the report, to the closing")
    sample = sample_field("`small`: so few cases that nobody should be judged by them")
    cases_url = fields.String(required=True, metadata={"description": "where the cases behind them are listed; with"
                              " `&figure=` and the name of a number or a time those which it counts"})


class ItemOutput(FiguresOutput):
    """The figures of one group; `key` is null for cases that lack what the others have, such as a grid."""
    key = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)


class LeftOutOutput(Schema):
    """Cases that the figures do not count; `cases_url` of the total leads to them with `&figure=void`, `=merged`."""
    void = _number("void: no case at all")
    merged = _number("merged into another case")


class PeriodFiguresOutput(Schema):
    """The figures of one period; the total counts every case once, whatever the groups."""
    since = fields.AwareDateTime(required=True, data_key="from")
    until = fields.AwareDateTime(required=True, data_key="to")
    group_by = fields.Enum(GroupBy, by_value=True, required=True, allow_none=True)
    items = fields.List(fields.Nested(ItemOutput), required=True)
    total = fields.Nested(FiguresOutput, required=True)
    left_out = fields.Nested(LeftOutOutput, required=True)
    exactness = fields.String(required=True, metadata={
        "enum": ["exact", "within_1_percent"], "description": "how near the percentiles are to the true ones"})
    what_counts = fields.List(fields.String(), required=True, metadata={"description": "what the figures mean"})


class ResponseTimesOutput(PeriodFiguresOutput):
    """Response times; with `compare`, beside those of the period before and of the same one a year before."""
    previous = fields.Nested(PeriodFiguresOutput)
    year_before = fields.Nested(PeriodFiguresOutput)


class HolderOutput(Schema):
    """Somebody a case was given to and who has not rectified it."""
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    part = fields.String(required=True, metadata={"enum": ["lead", "assist"]})
    role = fields.String(required=True)
    seen_at = _moment("when the case was first opened")
    accepted_at = _moment("when the case was accepted (签收)")


class NamedCaseOutput(Schema):
    """A case in a list. Who reported it is not said."""
    number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    area_code = fields.String(required=True, allow_none=True)
    area_name = fields.String(required=True, allow_none=True)
    beat_code = fields.String(required=True, allow_none=True)
    opened_at = _moment("when it was reported", is_needed=True)
    pushed_at = _moment("when its clock began")
    due_at = _moment("the deadline of its rectification")


class CaseBehindOutput(NamedCaseOutput):
    """A case behind a figure."""
    accepted_at = _moment("when it was first accepted")
    rectified_at = _moment("when it was first rectified")
    closed_at = _moment("when it was closed; a reopened case is open until it is closed again")
    late_excused_at = _moment("when an appeal against its lateness was granted: it counts as in time")
    original_kind = fields.String(required=True, allow_none=True, metadata={
        "description": "imported history: what it was called where it comes from"})


class CasesBehindOutput(Schema):
    """One page of the cases behind a figure; `count` is the figure."""
    items = fields.List(fields.Nested(CaseBehindOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    count = _number("how many there are in all")


class OverdueOutput(NamedCaseOutput):
    """A case past its deadline and not rectified."""
    due_at = _moment("the deadline of its rectification", is_needed=True)
    overdue_s = _number("whole seconds since the deadline; 0 where it is rectified or excused")
    responders = fields.List(fields.Nested(HolderOutput), required=True)
