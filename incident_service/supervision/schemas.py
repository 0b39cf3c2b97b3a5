"""Questions of supervisors, and their answers."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from marshmallow import ValidationError, fields

from incident_service.cases import Status
from incident_service.foundation.http import Schema
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import installation_zone

YEARS = range(1972, 2200)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Moment(fields.Field[datetime]):
    """A moment with its zone; or a plain day, which stands for its first moment in the installation's time zone."""

    def __init__(self, what: str, *, name: str) -> None:
        super().__init__(data_key=name, metadata={
            "description": what, "type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if DAY.fullmatch(str(value)):
            moment = self._beginning(value)
        else:                                       # a + that nobody escaped arrives as a blank
            moment = fields.AwareDateTime().deserialize(str(value).replace(" ", "+"))
        if moment.year not in YEARS:
            raise ValidationError("Not a valid datetime.")
        return moment.astimezone(UTC)

    @staticmethod
    def _beginning(day: str) -> datetime:
        try:
            return datetime.combine(date.fromisoformat(day), time.min, tzinfo=installation_zone())
        except ValueError as error:
            raise ValidationError("Not a valid datetime.") from error


def _moment(what: str, *, is_needed: bool = False) -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, allow_none=not is_needed, metadata={"description": what})


class ResponseTimesInput(Schema):
    """Which cases are timed, by when they were reported, and how they are put side by side."""
    since = Moment("Reported at or after this moment, or day; 30 days before `to` unless said", name="from")
    until = Moment("Reported before this moment, or day; now unless said", name="to")
    group_by = fields.Enum(GroupBy, by_value=True, metadata={
        "description": "What a group has in common (`hour`: of the day). Unless said, there is only the total"})


def _seconds(what: str) -> fields.Float:
    return fields.Float(required=True, allow_none=True, metadata={"description": what})


class TimesOutput(Schema):
    """How long a step took, in seconds; null when no case has taken it. Percentiles interpolate linearly."""
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
    negative_spans = _number("spans left out of the times because they end before they begin")
    to_dispatch = _times("from the report to the push")
    to_accept = _times("from the push to the acceptance")
    to_rectify = _times("from the push to the rectification")
    to_close = _times("from the push, or without one from the report, to the closing")


class ItemOutput(FiguresOutput):
    """The figures of one group; `key` is null for cases that lack what the others have, such as a grid."""
    key = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)


class ResponseTimesOutput(Schema):
    """Response times; the total counts every case once, whatever the groups."""
    since = fields.AwareDateTime(required=True, data_key="from")
    until = fields.AwareDateTime(required=True, data_key="to")
    group_by = fields.Enum(GroupBy, by_value=True, required=True, allow_none=True)
    items = fields.List(fields.Nested(ItemOutput), required=True)
    total = fields.Nested(FiguresOutput, required=True)


class HolderOutput(Schema):
    """Somebody a case was given to and who has not rectified it."""
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    part = fields.String(required=True, metadata={"enum": ["lead", "assist"]})
    role = fields.String(required=True)
    seen_at = _moment("when the case was first opened")
    accepted_at = _moment("when the case was accepted (签收)")


class OverdueOutput(Schema):
    """A case past its deadline and not rectified."""
    number = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    category = fields.String(required=True)
    category_name = fields.String(required=True)
    area_code = fields.String(required=True, allow_none=True)
    area_name = fields.String(required=True, allow_none=True)
    beat_code = fields.String(required=True, allow_none=True)
    opened_at = _moment("when it was reported", is_needed=True)
    pushed_at = _moment("when its clock began")
    due_at = _moment("the deadline of its rectification", is_needed=True)
    overdue_s = _number("whole seconds since the deadline")
    responders = fields.List(fields.Nested(HolderOutput), required=True)
