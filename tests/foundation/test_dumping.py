"""What an answer is made of is what marshmallow itself would make of it, field by field."""

from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, StrEnum
from uuid import UUID

import marshmallow
import pytest
from marshmallow import fields, post_dump

from incident_service.foundation.http import Moment, Schema, Text

AT = datetime(2026, 11, 30, 8, 30, 0, 120, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


class Size(Enum):
    LARGE = 3


class Inner(Schema):
    name = fields.String()
    at = fields.AwareDateTime(allow_none=True)


class Loud(Schema):
    """One that does something of its own with what was made."""
    name = fields.String()

    @post_dump
    def shout(self, made, **_):
        return {name: value.upper() for name, value in made.items()}


class Everything(Schema):
    text, word, sized = fields.String(), fields.Enum(Colour, by_value=True), fields.Enum(Size, by_value=True)
    by_name, by_field = fields.Enum(Colour), fields.Enum(Size, by_value=fields.String)
    id, number, share, is_so = fields.UUID(), fields.Integer(), fields.Float(), fields.Boolean()
    spelled, at, day = fields.Integer(as_string=True), fields.AwareDateTime(), fields.AwareDateTime(format="%Y-%m-%d")
    one, some, loud = fields.Nested(Inner), fields.List(fields.Nested(Inner)), fields.Nested(Loud)
    many, words = fields.Nested(Inner, many=True), fields.List(fields.String(allow_none=True))
    narrowed, said, moment = fields.Nested(Inner, only=("name",)), Text(), Moment()
    called, odd = fields.String(data_key="calledSo"), fields.String(attribute="elsewhere")
    counted, filled = fields.Function(len), fields.String(dump_default="nothing")
    mapped, raw = fields.Dict(keys=fields.String(), values=fields.Integer()), fields.Raw()


VALUES = {
    "text": Colour.RED, "word": Colour.RED, "sized": Size.LARGE, "by_name": Colour.RED, "by_field": Size.LARGE,
    "id": UUID(int=7), "number": 3.0, "share": 1, "is_so": True, "spelled": 4, "day": AT, "moment": AT, "said": "x",
    "at": datetime(2026, 11, 30, tzinfo=timezone(timedelta(hours=8))), "one": {"name": "a", "at": AT},
    "some": [{"name": "a"}, None, {"name": "b", "at": None}], "many": [{"name": "c", "at": AT}], "loud": {"name": "d"},
    "words": ["e", None, 5], "narrowed": {"name": "f", "at": AT}, "called": "g", "mapped": {"h": 2.0}, "raw": [1, "i"],
    "elsewhere": "j"}


def both_ways(schema, said):
    return schema.dump(said), marshmallow.Schema._serialize(schema, said)


def test_all_kinds_of_fields():
    made, wanted = both_ways(Everything(), VALUES)
    assert made == wanted
    assert list(made) == list(wanted)
    assert set(made) > {"loud", "calledSo", "odd", "counted", "filled"}


@pytest.mark.parametrize("name", VALUES)
def test_nothing_in_place_of_one(name):
    for said in (VALUES | {name: None}, {other: value for other, value in VALUES.items() if other != name}):
        made, wanted = both_ways(Everything(), said)
        assert made == wanted


def test_one_that_was_used_and_is_then_narrowed():
    used = Inner()
    used.dump({"name": "a", "at": AT})

    class Narrowed(Schema):
        one = fields.Nested(used, only=("name",))

    assert Narrowed().dump({"one": {"name": "a", "at": AT}}) == {"one": {"name": "a"}}


def test_bytes_are_text_as_ever():
    assert Inner().dump({"name": b"a"}) == {"name": "a"}


def test_what_is_no_mapping():
    class Thing:
        text, number, one = "x", 3, {"name": "y"}

    made, wanted = both_ways(Everything(only=("text", "number", "one")), Thing())
    assert made == wanted == {"text": "x", "number": 3, "one": {"name": "y"}}
