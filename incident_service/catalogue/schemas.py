"""Categories as they go out, in the reader's language."""

from typing import Any

from marshmallow import fields

from incident_service.catalogue.categories import Unit
from incident_service.foundation.http import Schema
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
    """Which role leads (主责) or assists (协同)."""
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
