"""How files of other systems are read: column mappings as data, checked at start."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app
from marshmallow import ValidationError, fields, post_load, validate

from incident_service import catalogue
from incident_service.catalogue import BrokenTable, Code, Exactly, Lines, read_table


class Preset(NamedTuple):
    """One way of reading: `columns` says which column holds what, `categories` what a foreign kind is to us."""

    code: str
    format: str
    columns: Mapping[str, str]
    categories: Mapping[str, str]
    otherwise: str
    timezone: str | None = None
    time_format: str | None = None
    closed_when: Mapping[str, str] | None = None
    source: str = ""


class ColumnsLine(Lines):
    external_id = Exactly(str)
    kind = Exactly(str)
    opened = Exactly(str)
    closed = Exactly(str)
    longitude = Exactly(str)
    latitude = Exactly(str)
    due = Exactly(str, required=False)
    address = Exactly(str, required=False)
    description = Exactly(str, required=False)


class ClosedWhenLine(Lines):
    column = Exactly(str)
    value = Exactly(str)


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError(f"{name} is no time zone.") from error


class PresetLine(Lines):
    code = Code()
    format = Exactly(str, validate=validate.OneOf(["csv", "open311"]))
    source = Exactly(str, validate=validate.Length(min=1))
    otherwise = Code()
    timezone = Exactly(str, required=False, validate=_known_zone)
    time_format = Exactly(str, required=False)
    columns = fields.Nested(ColumnsLine, required=True)
    closed_when = fields.Nested(ClosedWhenLine)
    categories = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)

    @post_load
    def _made(self, line: dict[str, Any], **_: Any) -> Preset:
        return Preset(**line)


class PresetTable(Lines):
    preset = fields.List(fields.Nested(PresetLine), required=True)


def read_presets(path: Path, *, categories: Collection[str]) -> dict[str, Preset]:
    """The presets in a table; every category they name must exist. Raises BrokenTable."""
    found = read_table(path, PresetTable())["preset"]
    for preset in found:
        if strange := {preset.otherwise, *preset.categories.values()} - set(categories):
            raise BrokenTable(f"{path.name}: {preset.code}: there is no category {', '.join(sorted(strange))}")
    return {preset.code: preset for preset in found}


def load_presets(app: Flask) -> None:
    """Read the installation's table. Raises BrokenTable, which stops the start."""
    with app.app_context():
        codes = [each.code for each in catalogue.categories()]
    app.extensions["import_presets"] = read_presets(app.config["TABLES_DIR"] / "imports.toml", categories=codes)


def presets() -> dict[str, Preset]:
    """Every preset of the installation, by its code."""
    found: dict[str, Preset] = current_app.extensions["import_presets"]
    return found


def preset_of(format: str, columns: Collection[str], among: Iterable[Preset]) -> Preset | None:
    """The first preset of this format whose columns a file has; a list of service requests may lack some."""
    return next((each for each in among if each.format == format
                 and (format == "open311" or set(each.columns.values()) <= set(columns))), None)
