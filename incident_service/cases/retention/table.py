"""Reading `retention.toml`."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, current_app
from marshmallow import fields, post_load, validate

from incident_service.cases.retention.models import What
from incident_service.catalogue import BrokenTable, Exactly, Lines, read_table

EXTENSION = "retention"


class Rule(NamedTuple):
    """How long something is kept after a case has ended; 0 days: for ever."""

    what: What
    days: int
    source: str

    @property
    def life(self) -> timedelta:
        """The same as a span."""
        return timedelta(days=self.days)


class RuleLine(Lines):
    """One rule."""

    what = fields.Enum(What, by_value=True, required=True, validate=validate.NoneOf([What.ACCOUNT]))
    days = Exactly(int, validate=validate.Range(0, 36_500))
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Rule:
        return Rule(**line)


class RetentionTable(Lines):
    """The whole of retention.toml."""

    rule = fields.List(fields.Nested(RuleLine), required=True)


def read_retention(path: Path) -> list[Rule]:
    """The rules, one for each thing that has a life. Raises BrokenTable."""
    rules: list[Rule] = read_table(path, RetentionTable())["rule"]
    if sorted(rule.what for rule in rules) != sorted(set(What) - {What.ACCOUNT}):
        raise BrokenTable(f"{path.name}: each of position, original, identity and content stands there once.")
    return rules


def load_retention(app: Flask) -> None:
    """Read the table at start."""
    app.extensions[EXTENSION] = read_retention(app.config["TABLES_DIR"] / "retention.toml")


def rules() -> list[Rule]:
    """The rules in force that end something."""
    return [rule for rule in current_app.extensions[EXTENSION] if rule.days]
