"""Shifts as they go in and out."""

import re
from datetime import date
from typing import Any

from marshmallow import fields, post_load, validate

from incident_service.accounts import Role
from incident_service.foundation.http import Schema, Text
from incident_service.foundation.paging import PageInput
from incident_service.routing.models import CODE_CHARACTERS_MAX, SHIFT_CHARACTERS_MAX, RosterEntry, ShiftDone, Step
from incident_service.routing.posts import Post
from incident_service.routing.shifts import EVERY_DAY

A_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
AT_THE_POST = validate.OneOf([Step.HOLDER, Step.DEPUTY])
A_DAY = validate.Range(date(2000, 1, 1), date(2100, 12, 31))
WEEKDAYS = validate.And(validate.Length(1, 7), validate.ContainsOnly(range(1, 8)))
CLOCK_SHOWN = {"example": "08:00", "pattern": f"^({A_CLOCK.pattern})$"}


def _clock(**also: Any) -> fields.String:
    return Text(required=True, validate=validate.Regexp(f"^({A_CLOCK.pattern})$"), metadata=CLOCK_SHOWN, **also)


class ShiftContent(Schema):
    """When somebody is on duty, and whether as A 角 (`holder`) or B 角 (`deputy`). `weekdays`: 1 is Monday, all when
    left out; an end that is not later lies on the next day; 00:00 to 00:00 is the whole day."""
    step = fields.Enum(Step, by_value=True, load_default=Step.HOLDER, validate=AT_THE_POST)
    shift = Text(load_default="", validate=validate.Length(max=SHIFT_CHARACTERS_MAX))
    weekdays = fields.List(fields.Integer(strict=True), load_default=None, validate=WEEKDAYS, allow_none=True)
    begins = _clock(data_key="from")
    ends = _clock(data_key="to")
    from_on = fields.Date(load_default=None, allow_none=True, validate=A_DAY)
    to_on = fields.Date(load_default=None, allow_none=True, validate=A_DAY)

    @post_load
    def understood(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The same as the roster keeps it."""
        begins, ends, days = said.pop("begins"), said.pop("ends"), said.pop("weekdays")
        return said | {
            "shift": said["shift"] or f"{begins}-{ends}",
            "begins_minute": _minute(begins), "ends_minute": _minute(ends),
            "weekdays": sum(1 << day - 1 for day in set(days)) if days else EVERY_DAY}


class ShiftInput(ShiftContent):
    """Who is on duty where, as what, and when. `kind` tells officers apart. `from_on` is today when left out."""
    person_id = fields.UUID(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    kind = Text(load_default="", validate=validate.Length(max=32))
    area = Text(required=True, validate=validate.Length(1, CODE_CHARACTERS_MAX))

    @post_load
    def at_a_post(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The post as one thing."""
        return said | {"post": Post(said.pop("area"), said.pop("role"), said.pop("kind"))}


class ShiftFilter(PageInput):
    """Which shifts are wanted: within an area, of a role or a person; with `past` those that are over, too."""
    area = fields.String(load_default=None, validate=validate.Length(1, CODE_CHARACTERS_MAX))
    role = fields.Enum(Role, by_value=True, load_default=None)
    person_id = fields.UUID(load_default=None)
    past = fields.Boolean(load_default=False)


class ChangesFilter(PageInput):
    """Which changes are wanted: within an area."""
    area = fields.String(load_default=None, validate=validate.Length(1, CODE_CHARACTERS_MAX))


class ShiftOutput(Schema):
    """A shift on a roster. `version` is its ETag."""
    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True, attribute="account_id")
    role = fields.Enum(Role, by_value=True, required=True)
    kind = fields.String(required=True)
    area = fields.String(required=True, attribute="area_code")
    step = fields.Enum(Step, by_value=True, required=True)
    shift = fields.String(required=True)
    weekdays = fields.Function(lambda entry: [day for day in range(1, 8) if entry.weekdays >> day - 1 & 1],
                               metadata={"type": "array", "items": {"type": "integer"}})
    begins = fields.Function(lambda entry: _shown(entry.begins_minute), data_key="from", metadata={"type": "string"})
    ends = fields.Function(lambda entry: _shown(entry.ends_minute), data_key="to", metadata={"type": "string"})
    from_on = fields.Date(required=True)
    to_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ChangeOutput(Schema):
    """One change of a roster: what an entry said before (null when it is new) and says now, or said last. `by_id` is
    null for a file."""
    entry_id = fields.UUID(required=True)
    area = fields.String(required=True, attribute="area_code")
    role = fields.Enum(Role, by_value=True, required=True)
    kind = fields.String(required=True)
    done = fields.Enum(ShiftDone, by_value=True, required=True)
    before = fields.Dict(required=True, allow_none=True)
    content = fields.Dict(required=True)
    by_id = fields.UUID(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)


def _minute(written: str) -> int:
    hours, minutes = written.split(":")
    return int(hours) % 24 * 60 + int(minutes)


def _shown(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def tag_of(entry: RosterEntry) -> dict[str, str]:
    """The header that names a shift's version."""
    return {"ETag": f'W/"{entry.version}"'}
