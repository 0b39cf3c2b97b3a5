"""Categories as they go out, in the reader's language, and the working calendar, in and out."""

from datetime import time
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from incident_service.catalogue.calendar import Holiday, Slot
from incident_service.catalogue.categories import Unit
from incident_service.foundation.http import Schema, Text
from incident_service.foundation.words import Words, callers_language


class Sentence(fields.String):
    """Words in the reader's language."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> str:
        words: Words = value
        return words.in_language(callers_language())


class MajorOutput(Schema):
    """A major category (大类)."""
    code = fields.String(required=True)
    name = Sentence(required=True)


class FilingConditionOutput(Schema):
    """How grave it is (立案条件), and the time limit that belongs to it."""
    code = fields.String(required=True)
    name = Sentence(required=True)
    limit = fields.Integer(required=True)
    unit = fields.Enum(Unit, by_value=True, required=True)
    is_default = fields.Boolean(required=True)


class DutyOutput(Schema):
    """Which role usually leads (主责) or assists (协同): where the kind of land is unknown, by the rules in force."""
    part = fields.String(required=True)
    role = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)


class CategoryOutput(Schema):
    """A minor category (小类)."""
    code = fields.String(required=True)
    name = Sentence(required=True)
    major = fields.Nested(MajorOutput, required=True)
    filing_conditions = fields.List(fields.Nested(FilingConditionOutput), required=True, attribute="conditions")
    closing_condition = Sentence(required=True, attribute="closing")
    duties = fields.List(fields.Nested(DutyOutput), required=True)


class SlotTime(fields.Field[time]):
    """A time of the day to the minute, such as `08:00`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> str:
        moment: time = value
        return moment.isoformat(timespec="minutes")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> time:
        try:
            hour, minute = str(value).split(":")
            return time(int(hour), int(minute))
        except ValueError as error:
            raise ValidationError("String does not match expected pattern.") from error


SLOT_TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


class SlotSchema(Schema):
    """A stretch of every working day, in local time."""
    begins = SlotTime(required=True, data_key="from", metadata=SLOT_TIME)
    ends = SlotTime(required=True, data_key="to", metadata=SLOT_TIME)

    @post_load
    def build(self, slot: dict[str, Any], **_: Any) -> Slot:
        return Slot(**slot)


class HolidaySchema(Schema):
    """Days off, both ends included."""
    name = Text(required=True, validate=validate.Length(1, 40))
    begins = fields.Date(required=True, data_key="from")
    ends = fields.Date(required=True, data_key="to")

    @post_load
    def build(self, holiday: dict[str, Any], **_: Any) -> Holiday:
        return Holiday(**holiday)


class SlotsInput(Schema):
    """The slots of every working day, and where they are written down."""
    slots = fields.List(fields.Nested(SlotSchema), required=True, validate=validate.Length(1, 10))
    source = Text(required=True, validate=validate.Length(1, 400))


class SlotsOutput(Schema):
    """The slots of every working day; revision 0 is as shipped."""
    slots = fields.List(fields.Nested(SlotSchema), required=True)
    revision = fields.Integer(required=True)
    source = fields.String(required=True)


class YearInput(Schema):
    """The published arrangement of a year (放假安排): days off, and days worked instead (调休上班)."""
    holidays = fields.List(fields.Nested(HolidaySchema), required=True, validate=validate.Length(max=40))
    make_up = fields.List(fields.Date(), required=True, validate=validate.Length(max=40))
    source = Text(required=True, validate=validate.Length(1, 400))


class YearOutput(Schema):
    """A year as it stands; revision 0 is as shipped. `is_provisional`: not published yet, only its weekdays count."""
    year = fields.Integer(required=True, attribute="year.year")
    revision = fields.Integer(required=True)
    is_provisional = fields.Boolean(required=True)
    source = fields.String(required=True, attribute="year.source")
    holidays = fields.List(fields.Nested(HolidaySchema), required=True, attribute="year.holidays")
    make_up = fields.List(fields.Date(), required=True, attribute="year.make_up")


class CalendarOutput(Schema):
    """The whole working calendar. `version` stands with every deadline that was reckoned by it."""
    version = fields.String(required=True)
    time_zone = fields.String(required=True)
    slots = fields.List(fields.Nested(SlotSchema), required=True)
    years = fields.List(fields.Nested(YearOutput), required=True)
