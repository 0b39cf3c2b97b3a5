"""`flask areas import FILE`: the areas of a city from GeoJSON."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.importing import ImportOutcome, ImportsCollided, import_areas
from incident_service.areas.layers import Layer
from incident_service.foundation.words import Words, both

areas_commands = AppGroup("areas", help="City, districts, streets, communities, grids, and the layers beside them.")


@areas_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", type=click.Choice([layer.value for layer in Layer]),
              help="What every feature must be; their codes say it too.")
@click.option("--coordinate-system", type=click.Choice([each.value for each in CoordinateSystem]),
              help="What the file was drawn in, when it does not say so itself. Default: wgs84.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What findings are written in.")
def import_file(file: Path, layer: str | None, coordinate_system: str | None, language: str) -> None:
    """Check FILE and put its areas in force; when anything is wrong, nothing is stored and the exit code is 1."""
    try:
        outcome = import_areas(
            _read(file), layer=Layer(layer) if layer else None,
            coordinate_system=CoordinateSystem(coordinate_system) if coordinate_system else None,
        )
    except ImportsCollided as collided:
        click.echo(collided.title.in_language(language))
        sys.exit(1)
    for finding in outcome.findings:
        click.echo(finding.in_language(language))
    click.echo(_summary(outcome).in_language(language))
    sys.exit(1 if outcome.findings else 0)


def _read(file: Path) -> Any:
    """What the file says; None, which no import takes, when it is not JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _summary(outcome: ImportOutcome) -> Words:
    if outcome.findings:
        return both("发现 {count} 个问题，未导入任何区域", "{count} findings, nothing was imported",
                    count=len(outcome.findings))
    return both("新增 {added}，改界 {reshaped}，改名 {renamed}，未变 {unchanged}；现行版次 {edition}",
                "{added} added, {reshaped} reshaped, {renamed} renamed, {unchanged} unchanged; edition {edition}",
                added=outcome.added, reshaped=outcome.reshaped, renamed=outcome.renamed,
                unchanged=outcome.unchanged, edition=outcome.edition)
