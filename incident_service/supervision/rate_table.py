"""What a rate is: conditions above and below the line, in versions. Read from a table and checked at start."""

from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask, current_app
from marshmallow import fields, post_load, validate

from incident_service.catalogue import BrokenTable, Code, Exactly, InBothLanguages, Lines, read_table
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import Words, both
from incident_service.supervision.conditions import CONDITIONS

DUE, OPENED = "due_at", "opened_at"


class Rate(NamedTuple):
    """One version of a rate."""

    code: str
    version: int
    name: Words
    counted_by: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    without: tuple[str, ...]
    source: str

    @property
    def called(self) -> str:
        """How a question names it."""
        return f"{self.code}@{self.version}"


def _conditions(**options: Any) -> fields.List:
    return fields.List(fields.String(validate=validate.OneOf(CONDITIONS)), **options)


class RateLine(Lines):
    code = Code()
    version = Exactly(int, validate=validate.Range(min=1))
    name = InBothLanguages()
    counted_by = Exactly(str, validate=validate.OneOf([DUE, OPENED]))
    numerator = _conditions(required=True, validate=validate.Length(min=1))
    denominator = _conditions(required=True, validate=validate.Length(min=1))
    without = _conditions(load_default=list)
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def _made(self, line: dict[str, Any], **_: Any) -> Rate:
        lists = {name: tuple(line[name]) for name in ("numerator", "denominator", "without")}
        return Rate(**line | lists)


class RateTable(Lines):
    rate = fields.List(fields.Nested(RateLine), required=True)


def read_rates(path: Path) -> dict[str, Rate]:
    """The rates in a table, by `code@version`. Raises BrokenTable."""
    found: dict[str, Rate] = {}
    for rate in read_table(path, RateTable())["rate"]:
        if rate.called in found:
            raise BrokenTable(f"{path.name}: {rate.called} stands there twice.")
        found[rate.called] = rate
    return found


def load_rates(app: Flask) -> None:
    """Read the installation's table. Raises BrokenTable, which stops the start."""
    app.extensions["rates"] = read_rates(app.config["TABLES_DIR"] / "rates.toml")


def all_rates() -> dict[str, Rate]:
    """Every version of every rate."""
    found: dict[str, Rate] = current_app.extensions["rates"]
    return found


def rates_called(names: str) -> list[Rate]:
    """The rates a question names, `code` for its last version or `code@version`; the last of all unless it names any.
    Raises Invalid."""
    known = all_rates()
    last = {rate.code: rate for rate in sorted(known.values(), key=lambda rate: rate.version)}
    if not names:
        return [last[code] for code in dict.fromkeys(rate.code for rate in known.values())]
    found = [known.get(name) or last.get(name) for name in names.split(",")]
    if None in found:
        raise Invalid(errors=[FieldError("#/rate", both("没有此比率", "There is no such rate"))])
    return [rate for rate in found if rate]
