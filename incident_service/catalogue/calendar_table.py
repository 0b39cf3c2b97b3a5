"""Reading `calendar.toml`: the shape of its lines, and what must hold between them."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields, validate, validates_schema

from incident_service.catalogue.calendar import DAY, SATURDAY, Slot, WorkingCalendar
from incident_service.catalogue.tables import Exactly, Lines, read_table

HOLIDAY_DAYS_MAX = 15


class SlotLine(Lines):
    """One slot."""

    begins = Exactly(time, data_key="from")
    ends = Exactly(time, data_key="to")
    source = Exactly(str, validate=validate.Length(min=1))


class HolidayLine(Lines):
    """One holiday: a stretch of days off."""

    name = Exactly(str)
    begins = Exactly(date, data_key="from")
    ends = Exactly(date, data_key="to")

    @validates_schema
    def it_ends_after_it_begins(self, line: dict[str, Any], **_: Any) -> None:
        if not line["begins"] <= line["ends"] < line["begins"] + HOLIDAY_DAYS_MAX * DAY:
            raise ValidationError(f"A holiday lasts 1 to {HOLIDAY_DAYS_MAX} days.")


class YearLine(Lines):
    """The published arrangement of one year."""

    year = Exactly(int)
    source = Exactly(str, validate=validate.Length(min=1))
    make_up = fields.List(Exactly(date), required=True)
    holidays = fields.List(fields.Nested(HolidayLine), required=True, validate=validate.Length(min=1))

    @validates_schema
    def the_days_are_of_that_year(self, line: dict[str, Any], **_: Any) -> None:
        days = set(_days_off(line["holidays"]))
        if any(day.year != line["year"] for day in days.union(line["make_up"])):
            raise ValidationError(f"Every day must lie in {line['year']}.")
        if wrong := [day for day in line["make_up"] if day.weekday() < SATURDAY or day in days]:
            raise ValidationError(f"{wrong[0]} is no day that could be made up on.", "make_up")


class CalendarTable(Lines):
    """The whole of calendar.toml."""

    slot = fields.List(fields.Nested(SlotLine), required=True, validate=validate.Length(min=1))
    year = fields.List(fields.Nested(YearLine), required=True)

    @validates_schema
    def time_runs_forward(self, table: dict[str, Any], **_: Any) -> None:
        times = [moment for slot in table["slot"] for moment in (slot["begins"], slot["ends"])]
        if any(earlier > later for earlier, later in pairwise(times)) or any(
                slot["begins"] >= slot["ends"] for slot in table["slot"]):
            raise ValidationError("The slots must follow one another.", "slot")
        years = [line["year"] for line in table["year"]]
        if len(set(years)) < len(years):
            raise ValidationError("A year stands there twice.", "year")


def read_calendar(path: Path, *, time_zone: str) -> WorkingCalendar:
    """The working calendar in local time of `time_zone`. Raises BrokenTable."""
    table = read_table(path, CalendarTable())
    return WorkingCalendar(
        zone=ZoneInfo(time_zone),
        slots=tuple(Slot(slot["begins"], slot["ends"]) for slot in table["slot"]),
        holidays=frozenset(day for year in table["year"] for day in _days_off(year["holidays"])),
        make_up_days=frozenset(day for year in table["year"] for day in year["make_up"]),
        years=frozenset(year["year"] for year in table["year"]),
    )


def _days_off(holidays: list[Mapping[str, date]]) -> Iterator[date]:
    for holiday in holidays:
        day = holiday["begins"]
        while day <= holiday["ends"]:
            yield day
            day += DAY
