"""Reading `evidence.toml`."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from marshmallow import fields, post_load, validate

from incident_service.catalogue.evidence import Action, Check, Rule
from incident_service.catalogue.tables import BrokenTable, Exactly, Lines, read_table

EVERY = "*"
VALUE_MAX = 10_000


class RuleLine(Lines):
    """One rule."""

    category = Exactly(str)
    check = fields.Enum(Check, by_value=True, required=True)
    value = Exactly(int, validate=validate.Range(1, VALUE_MAX))
    action = fields.Enum(Action, by_value=True, required=True)
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Rule:
        return Rule(**line)


class EvidenceTable(Lines):
    """The whole of evidence.toml."""

    rule = fields.List(fields.Nested(RuleLine), required=True)


def read_evidence(path: Path, *, categories: Collection[str], photos_max: int) -> dict[str, tuple[Rule, ...]]:
    """The rules in force for every category: its own lines before those for all. Raises BrokenTable."""
    rules: list[Rule] = read_table(path, EvidenceTable())["rule"]
    by_place = {(rule.category, rule.check): rule for rule in rules}
    if len(by_place) < len(rules):
        raise BrokenTable(f"{path.name}: a check stands there twice for one category.")
    for rule in rules:
        if rule.category not in (EVERY, *categories):
            raise BrokenTable(f"{path.name}: there is no category {rule.category}.")
        if (rule.check, rule.action) == (Check.TOO_FEW, Action.REFUSE) and rule.value > photos_max:
            raise BrokenTable(f"{path.name}: {rule.category} needs {rule.value} photos of at most {photos_max}.")
    return {code: tuple(_in_force(by_place, code)) for code in categories}


def _in_force(rules: dict[tuple[str, Check], Rule], category: str) -> Iterator[Rule]:
    for check in Check:
        rule = rules.get((category, check)) or rules.get((EVERY, check))
        if rule is not None:
            yield rule
