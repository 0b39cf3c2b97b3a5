"""Reading `duplicates.toml`."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from incident_service.catalogue.duplicates import DuplicateRule
from incident_service.catalogue.tables import BrokenTable, Exactly, Lines, read_table

EVERY = "*"
METRES_MAX, HOURS_MAX = 500, 24 * 60


class DuplicateLine(Lines):
    """One rule."""

    category = Exactly(str)
    within_m = Exactly(int, validate=validate.Range(0, METRES_MAX))
    within_hours = Exactly(int, validate=validate.Range(1, HOURS_MAX))
    sure_m = Exactly(int, validate=validate.Range(0, METRES_MAX))
    source = Exactly(str, validate=validate.Length(min=1))

    @validates_schema
    def what_is_sure_is_likely(self, line: dict[str, Any], **_: Any) -> None:
        if line["sure_m"] > line["within_m"]:
            raise ValidationError("What is sure must lie within what is likely.", "sure_m")

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> DuplicateRule:
        return DuplicateRule(**line)


class DuplicateTable(Lines):
    """The whole of duplicates.toml."""

    rule = fields.List(fields.Nested(DuplicateLine), required=True)


def read_duplicates(path: Path, *, categories: Collection[str]) -> dict[str, DuplicateRule]:
    """The rule in force for every category. Raises BrokenTable."""
    rules: list[DuplicateRule] = read_table(path, DuplicateTable())["rule"]
    by_category = {rule.category: rule for rule in rules}
    if len(by_category) < len(rules):
        raise BrokenTable(f"{path.name}: a category stands there twice.")
    if EVERY not in by_category:
        raise BrokenTable(f"{path.name}: there is no line for all ({EVERY}).")
    if strange := set(by_category) - {EVERY, *categories}:
        raise BrokenTable(f"{path.name}: there is no category {min(strange)}.")
    return {code: by_category.get(code, by_category[EVERY]) for code in categories}
