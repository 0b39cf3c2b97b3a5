"""`flask areas import FILE`: the areas of a city from GeoJSON."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.drafting import Draft, draft
from incident_service.areas.features import Reading
from incident_service.areas.importing import ImportOutcome, ImportsCollided, outcome_of, put_in_force
from incident_service.areas.layers import Layer
from incident_service.foundation.words import Words, both

LOOK_AHEAD = "areas_look_ahead"                             # what the application knows a draft would set in motion
areas_commands = AppGroup("areas", help="City, districts, streets, communities, grids, and the layers beside them.")


@areas_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", type=click.Choice([layer.value for layer in Layer]),
              help="What every feature must be; their codes say it too.")
@click.option("--coordinate-system", type=click.Choice([each.value for each in CoordinateSystem]),
              help="What the file was drawn in, when it does not say so itself. Default: wgs84.")
@click.option("--code-property", default="code", show_default=True, help="Where a feature says its code.")
@click.option("--name-property", default="name", show_default=True, help="Where a feature says its name.")
@click.option("--number-under", metavar="CODE",
              help="The features have no codes of ours: number them within this area. Needs --layer. Who has a "
                   "number keeps it, by name.")
@click.option("--parent-name", metavar="NAME",
              help="The area that all of them lie in is not in the file: make it of all of them, called NAME.")
@click.option("--accept-repairs", is_flag=True, help="Store also what can only be stored after small repairs.")
@click.option("--dry-run", is_flag=True, help="Only tell what would happen.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What findings are written in.")
def import_file(file: Path, *, accept_repairs: bool, dry_run: bool, language: str, layer: str | None,
                coordinate_system: str | None, number_under: str | None, **properties: Any) -> None:
    """Check FILE and put its areas in force; when anything is wrong, nothing is stored and the exit code is 1."""
    if number_under and not layer:
        raise click.UsageError("--number-under needs --layer.")
    reading = Reading(layer=Layer(layer) if layer else None, number_under=number_under, **properties,
                      coordinate_system=CoordinateSystem(coordinate_system) if coordinate_system else None)
    drafted = draft(_read(file), reading, accept_repairs=accept_repairs)
    told = list(_tell(drafted))
    try:
        outcome = outcome_of(drafted, edition=drafted.edition) if dry_run else put_in_force(drafted, source=file.name)
    except ImportsCollided as collided:
        told, outcome = [collided.title], None
    for words in [*told, *([_summary(outcome, dry_run=dry_run)] if outcome else [])]:
        click.echo(words.in_language(language))
    sys.exit(0 if outcome and not outcome.findings else 1)


def _read(file: Path) -> Any:
    """What the file says; None, which no import takes, when it is not JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _tell(drafted: Draft) -> Iterable[Words]:
    """Line by line: what is wrong, what was repaired, what may be meant, and which cases would move."""
    yield from (both("{it}", "{it}", it=finding.words) for finding in drafted.findings)
    yield from (both("已修复 {it}", "repaired: {it}", it=finding.words) for finding in drafted.repairs)
    yield from (both("请留意 {it}", "note: {it}", it=finding.words) for finding in drafted.remarks)
    if not drafted.findings:
        yield from current_app.extensions[LOOK_AHEAD](drafted)


def _summary(outcome: ImportOutcome, *, dry_run: bool) -> Words:
    if outcome.findings:
        return both("发现 {count} 个问题，未导入任何区域", "{count} findings, nothing was imported",
                    count=len(outcome.findings))
    done = both("（试运行，未导入）", " (dry run, nothing was imported)") if dry_run else both("", "")
    return both("新增 {added}，改界 {reshaped}，改名 {renamed}，撤销 {retired}，未变 {unchanged}；"
                "现行版次 {edition}{done}",
                "{added} added, {reshaped} reshaped, {renamed} renamed, {retired} retired, {unchanged} unchanged; "
                "edition {edition}{done}",
                added=outcome.added, reshaped=outcome.reshaped, renamed=outcome.renamed, retired=outcome.retired,
                unchanged=outcome.unchanged, edition=outcome.edition, done=done)
