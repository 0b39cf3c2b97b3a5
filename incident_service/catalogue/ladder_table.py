"""Reading `ladders.toml`: the shape of its lines, and what must hold between them."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from incident_service.catalogue.ladder import Ladder, Rung, To
from incident_service.catalogue.tables import BrokenTable, Code, Exactly, Lines, read_table

PARTS = ("lead", "assist")
MINUTES = validate.Range(1, 7 * 24 * 60)


class RungLine(Lines):
    """One rung."""

    after_minutes = Exactly(int, validate=MINUTES)
    to = fields.Enum(To, by_value=True, required=True)

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Rung:
        return Rung(**line)


class LadderLine(Lines):
    """One ladder."""

    code = Code()
    part = Exactly(str, validate=validate.OneOf(PARTS))
    categories = fields.List(Code(), load_default=[])
    soon_due_minutes = Exactly(int, validate=MINUTES)
    rung = fields.List(fields.Nested(RungLine), required=True, validate=validate.Length(min=1))
    source = Exactly(str, validate=validate.Length(min=1))

    @post_load
    def build(self, line: dict[str, Any], **_: Any) -> Ladder:
        return Ladder(line["code"], line["part"], frozenset(line["categories"]), line["soon_due_minutes"],
                      tuple(line["rung"]), line["source"])


class LadderTable(Lines):
    """The whole of ladders.toml."""

    ladder = fields.List(fields.Nested(LadderLine), required=True)

    @validates_schema
    def every_part_has_one(self, table: dict[str, Any], **_: Any) -> None:
        codes = [line.code for line in table["ladder"]]
        if len(set(codes)) < len(codes):
            raise ValidationError("Two lines have the same code.", "ladder")
        if missing := set(PARTS) - {line.part for line in table["ladder"] if not line.categories}:
            raise ValidationError(f"No ladder is for every category of the {min(missing)}.", "ladder")


def read_ladders(path: Path, *, categories: Collection[str]) -> tuple[Ladder, ...]:
    """Every ladder, in the order of the table. Raises BrokenTable."""
    found: tuple[Ladder, ...] = tuple(read_table(path, LadderTable())["ladder"])
    if strange := sorted({code for each in found for code in each.categories} - set(categories)):
        raise BrokenTable(f"{path.name}: {strange[0]} is no category.")
    return found
