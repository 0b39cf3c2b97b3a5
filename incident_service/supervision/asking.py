"""Questions of supervisors: which period, which cases."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from marshmallow import ValidationError, fields, validate

from incident_service.foundation.http import Schema, Text
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period, installation_zone, period

YEARS = range(1972, 2200)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
AREA = re.compile(r"[0-9]{4,15}([A-Z][0-9]{2,3})?\Z", re.ASCII)
WORD_CHARACTERS_MAX = 200


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


class PeriodInput(Schema):
    """Which cases count, by when they were reported."""
    since = Moment("Reported at or after this moment, or day; 30 days before `to` unless said", name="from")
    until = Moment("Reported before this moment, or day; now unless said", name="to")


class Numbers(fields.Field[frozenset[int]]):
    """Numbers and spans of them, such as `8-11,14`."""

    def __init__(self, what: str, *, least: int, most: int) -> None:
        super().__init__(load_default=frozenset(), metadata={
            "description": what, "type": "string", "example": f"{least}-{most}"})
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> frozenset[int]:
        found: set[int] = set()
        for part in str(value).split(","):
            ends = re.fullmatch(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", part.strip(), re.ASCII)
            if not ends:
                raise ValidationError("Not a valid integer.")
            first, last = int(ends[1]), int(ends[2] or ends[1])
            if not self.least <= first <= last <= self.most:
                raise ValidationError("Not a valid integer.")
            found.update(range(first, last + 1))
        return frozenset(found)


def _word(what: str) -> Text:
    return Text(load_default=None, validate=validate.Length(min=1, max=WORD_CHARACTERS_MAX),
                metadata={"description": what})


class FiltersInput(PeriodInput):
    """Which cases count: any combination."""
    area = Text(load_default=None, validate=validate.Regexp(AREA), metadata={
        "description": "Within this area: a code of a city, district, street, community, grid or beat"})
    category = _word("Of this category")
    condition = _word("Of this filing condition")
    kind = _word("Imported history: what it was called where it comes from")
    responder = fields.UUID(load_default=None, metadata={"description": "Given to this responder, by their clocks"})
    role = Text(load_default=None, validate=validate.OneOf(["grid_manager", "officer"]), metadata={
        "description": "Responders of this role; every share in a case counts, timed by their clocks"})
    hours = Numbers("Reported in these hours of the day", least=0, most=23)
    weekdays = Numbers("Reported on these days of the week, Monday = 1", least=1, most=7)


class GroupedInput(FiltersInput):
    """Which cases count, and how they are put side by side."""
    group_by = fields.Enum(GroupBy, by_value=True, load_default=None, metadata={
        "description": "What a group has in common (`hour`: of the day). Unless said, there is only the total"})


class ResponseTimesInput(GroupedInput):
    """Which cases are timed, by when they were reported, and how they are put side by side."""
    compare = fields.Boolean(load_default=False, metadata={
        "description": "Also tell the equally long period before, and the same one a year before"})


FILTERS = ("area", "category", "condition", "kind", "responder", "role", "hours", "weekdays")


def period_of(wanted: dict[str, Any]) -> Period:
    """The period that was asked for. Raises Invalid."""
    return period(wanted.get("since"), wanted.get("until"))


def filters_of(wanted: dict[str, Any], **more: Any) -> Filters:
    """The filters that were asked for."""
    return Filters(**{name: wanted[name] for name in FILTERS}, **more)
