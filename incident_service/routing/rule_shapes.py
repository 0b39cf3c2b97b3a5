"""How rules are written, in a request as in a table, and what must hold between them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from incident_service import catalogue
from incident_service.accounts import Role
from incident_service.areas import Land, Layer
from incident_service.foundation.http import Schema, Text
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import Words, both
from incident_service.routing.rules import rule_of

RULES_MAX = 200
CODE = validate.Regexp(r"[a-z][a-z0-9_]{0,31}\Z", error="String does not match expected pattern.")
CLOCK = validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="String does not match expected pattern.")
AREA = validate.Regexp(r"([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})\Z",
                       error="String does not match expected pattern.")
RESPONDS = {                                            # on which layers a role can be held
    Role.GRID_MANAGER: (Layer.GRID, Layer.COMMUNITY, Layer.STREET),
    Role.OFFICER: (Layer.BEAT, Layer.FIRE_AREA, Layer.STREET, Layer.DISTRICT, Layer.CITY),
    Role.DESK: (Layer.COMMUNITY, Layer.STREET, Layer.DISTRICT, Layer.CITY),
}
NEEDS_BOTH = both("起止时间须同时填写", "Say both from when and to when")
KIND = both("警员须注明类别，其他角色不得注明", "An officer is of a kind, such as traffic, and nobody else is")
LAYER = both("该角色不在此图层", "The role is not held on this layer")
TWICE = both("代码重复", "Two rules have this code")
NO_CATEGORY = both("没有此类别", "There is no such category")
NO_CONDITION = both("所列类别没有此立案条件", "None of the categories has this filing condition")
NOT_LAST = both("最后一条启用的规则必须匹配所有案卷（不设任何条件）",
                "The last rule that is on must ask nothing, so that every case finds one")


class DutySchema(Schema):
    """Who answers: a role, of a kind for officers, looked for on a layer."""
    role = Text(required=True, validate=validate.OneOf([str(role) for role in RESPONDS]))
    kind = Text(load_default=None, allow_none=True, validate=CODE)
    layer = Text(required=True, validate=validate.OneOf(
        [str(each) for each in Layer if any(each in layers for layers in RESPONDS.values())]))

    @validates_schema
    def _can_be_held(self, duty: dict[str, Any], **_: Any) -> None:
        role = Role(duty["role"])
        if (role is Role.OFFICER) != bool(duty["kind"]):
            raise ValidationError([KIND], "kind")
        if duty["layer"] not in RESPONDS[role]:
            raise ValidationError([LAYER], "layer")


class NameSchema(Schema):
    """What a rule is called, in both languages."""
    zh = Text(required=True, validate=validate.Length(1, 100))
    en = Text(required=True, validate=validate.Length(1, 100))


def _several(inner: fields.Field[Any], most: int = 100) -> fields.List[Any]:
    return fields.List(inner, load_default=[], validate=validate.Length(max=most))


class RuleSchema(Schema):
    """One rule: what it asks of a case, and who then answers. What is empty or null is not asked.

    `from` and `to` are local times, across midnight when `to` is not later; `weekdays` are 1 (Monday) to 7.
    """
    code = Text(required=True, validate=CODE)
    name = fields.Nested(NameSchema, required=True)
    categories = _several(Text(validate=CODE))
    conditions = _several(Text(validate=CODE))
    land = _several(Text(validate=validate.OneOf([str(each) for each in Land])), 3)
    within = Text(load_default=None, allow_none=True, validate=AREA)
    weekdays = _several(fields.Integer(strict=True, validate=validate.Range(1, 7)), 7)
    begins = Text(data_key="from", attribute="from", load_default=None, allow_none=True, validate=CLOCK)
    ends = Text(data_key="to", attribute="to", load_default=None, allow_none=True, validate=CLOCK)
    lead = fields.Nested(DutySchema, required=True)
    assist = fields.Nested(DutySchema, load_default=None, allow_none=True)
    is_on = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    source = Text(required=True, validate=validate.Length(1, 400))

    @validates_schema
    def _times_come_in_pairs(self, rule: dict[str, Any], **_: Any) -> None:
        if bool(rule["from"]) != bool(rule["to"]):
            raise ValidationError([NEEDS_BOTH], "to" if rule["from"] else "from")


class RuleTable(Schema):
    """The whole of a table of rules."""
    rule = fields.List(fields.Nested(RuleSchema), required=True, validate=validate.Length(1, RULES_MAX))


def check(written: Sequence[Mapping[str, Any]]) -> None:
    """Raise Invalid with everything that is wrong between rules that are each well written."""
    known = {each.code: {condition.code for condition in each.conditions} for each in catalogue.categories()}
    if errors := [FieldError(f"#/rules/{where}", words) for where, words in _faults(written, known)]:
        raise Invalid(errors=errors)


def _faults(written: Sequence[Mapping[str, Any]], known: Mapping[str, Collection[str]]) -> Iterator[tuple[str, Words]]:
    codes = [each["code"] for each in written]
    for number, each in enumerate(written):
        if each["code"] in codes[:number]:
            yield f"{number}/code", TWICE
        for place, category in enumerate(each["categories"]):
            if category not in known:
                yield f"{number}/categories/{place}", NO_CATEGORY
        having = {condition for code in each["categories"] or known for condition in known.get(code, ())}
        for place, condition in enumerate(each["conditions"]):
            if condition not in having:
                yield f"{number}/conditions/{place}", NO_CONDITION
    on = [number for number, each in enumerate(written) if each["is_on"]]
    if not on or not rule_of(written[on[-1]]).asks_nothing:
        yield str(on[-1] if on else 0), NOT_LAST
