"""Reading `calendar.toml`: the shape of its lines, and what must hold between them."""

import hashlib
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from incident_service.catalogue.calendar import (
    Holiday,
    Slot,
    WorkingCalendar,
    Year,
    faults_of_slots,
    faults_of_year,
)
from incident_service.catalogue.tables import Exactly, Lines, read_table

DIGEST_CHARACTERS = 8


class SlotLine(Lines):
    """One slot."""

    begins = Exactly(time, data_key="from")
    ends = Exactly(time, data_key="to")
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Slot:
        return Slot(line["begins"], line["ends"])


class HolidayLine(Lines):
    """One holiday: a stretch of days off."""

    name = Exactly(str)
    begins = Exactly(date, data_key="from")
    ends = Exactly(date, data_key="to")

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Holiday:
        return Holiday(**line)


class YearLine(Lines):
    """The published arrangement of one year."""

    year = Exactly(int)
    source = Exactly(str, validate=validate.Length(min=1))
    make_up = fields.List(Exactly(date), required=True)
    holidays = fields.List(fields.Nested(HolidayLine), required=True, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Year:
        year = Year(line["year"], line["source"], tuple(line["holidays"]), tuple(line["make_up"]))
        for fault in faults_of_year(year):
            raise ValidationError(str(fault.says), fault.part)
        return year


class CalendarTable(Lines):
    """The whole of calendar.toml."""

    slot = fields.List(fields.Nested(SlotLine), required=True, validate=validate.Length(min=1))
    year = fields.List(fields.Nested(YearLine), required=True)

    @validates_schema
    def time_runs_forward(self, table: dict[str, Any], **_: Any) -> None:
        for fault in faults_of_slots(tuple(table["slot"])):
            raise ValidationError(str(fault.says), "slot")
        years = [line.year for line in table["year"]]
        if len(set(years)) < len(years):
            raise ValidationError("A year stands there twice.", "year")


def read_calendar(path: Path, *, time_zone: str) -> WorkingCalendar:
    """The working calendar in local time of `time_zone`, as shipped. Raises BrokenTable."""
    table = read_table(path, CalendarTable())
    return WorkingCalendar(
        zone=ZoneInfo(time_zone), slots=tuple(table["slot"]), years={year.year: year for year in table["year"]},
        version=hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_CHARACTERS])
