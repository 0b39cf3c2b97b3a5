"""Reading `categories.toml`: the shape of its lines, and what must hold between them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from incident_service.catalogue.categories import Category, FilingCondition, Major, Unit
from incident_service.catalogue.tables import Code, Exactly, InBothLanguages, Lines, read_table

LIMIT_MAX = 366
ALWAYS_THERE = ("fire_lane", "other")                       # a report without a category is `other`


class MajorLine(Lines):
    """One major category."""

    code = Code()
    name = InBothLanguages()
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Major:
        return Major(**line)


class ConditionLine(Lines):
    """One filing condition."""

    code = Code()
    name = InBothLanguages()
    limit = Exactly(int, validate=validate.Range(1, LIMIT_MAX))
    unit = fields.Enum(Unit, by_value=True, required=True)
    is_default = Exactly(bool, required=False, load_default=False)
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> FilingCondition:
        return FilingCondition(**line)


class CategoryLine(Lines):
    """One minor category."""

    code = Code()
    name = InBothLanguages()
    major = Code()
    closing = InBothLanguages()
    source = Exactly(str, validate=validate.Length(min=1))
    condition = fields.List(fields.Nested(ConditionLine), required=True, validate=validate.Length(min=1))

    @validates_schema
    def one_condition_is_the_default(self, line: dict[str, Any], **_: Any) -> None:
        _all_different(line["condition"])
        if sum(condition.is_default for condition in line["condition"]) != 1:
            raise ValidationError("Exactly one condition must be the default.", "condition")


class CategoryTable(Lines):
    """The whole of categories.toml."""

    major = fields.List(fields.Nested(MajorLine), required=True)
    category = fields.List(fields.Nested(CategoryLine), required=True)

    @validates_schema
    def nothing_is_missing(self, table: dict[str, Any], **_: Any) -> None:
        _all_different(table["major"])
        codes = [line["code"] for line in table["category"]]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise ValidationError(f"{', '.join(sorted(twice))} stands there twice.", "category")
        if missing := [code for code in ALWAYS_THERE if code not in codes]:
            raise ValidationError(f"{', '.join(missing)} must be there.", "category")
        majors = {major.code for major in table["major"]}
        if strange := [line["code"] for line in table["category"] if line["major"] not in majors]:
            raise ValidationError(f"{', '.join(strange)} name a major category that is not there.", "category")


def read_categories(path: Path) -> dict[str, Category]:
    """Every category by its code, in the order of the table. Raises BrokenTable."""
    table = read_table(path, CategoryTable())
    majors = {major.code: major for major in table["major"]}
    return {line["code"]: _category(line, majors[line["major"]]) for line in table["category"]}


def _category(line: dict[str, Any], major: Major) -> Category:
    return Category(code=line["code"], name=line["name"], major=major,
                    conditions=tuple(line["condition"]), closing=line["closing"], source=line["source"])


def _all_different(lines: Iterable[Major | FilingCondition]) -> None:
    codes = [line.code for line in lines]
    if len(set(codes)) < len(codes):
        raise ValidationError("Two lines have the same code.")
