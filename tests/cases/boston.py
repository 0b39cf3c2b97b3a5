"""The real 311 files, when they are here, and Boston's police districts as the beats of an invented tree of areas."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from incident_service import areas

REAL = Path(__file__).parents[3] / "shared" / "data" / "311"
CSV, JSON = REAL / "requests-sample.csv", REAL / "open311-illegal-parking-sample.json"
CITY, DISTRICT = "2501", "250101"
needs_real_data = pytest.mark.skipif(not REAL.is_dir(), reason="the real 311 files of ../shared/data/311 are not here")


@cache
def police_districts() -> dict[str, BaseGeometry]:
    """The twelve districts by their names; where two overlap along a border, the earlier has it."""
    found: dict[str, BaseGeometry] = {}
    for feature in json.loads((REAL / "police-districts.geojson").read_text())["features"]:
        outline = shapely.make_valid(shape(feature["geometry"]))
        rest = shapely.difference(outline, shapely.union_all(list(found.values()))) if found else outline
        found[feature["properties"]["district"]] = shapely.union_all(
            [each for each in shapely.get_parts(rest) if each.geom_type.endswith("Polygon")])
    return dict(sorted(found.items()))


def beat_codes() -> dict[str, str]:
    """Which beat of ours each police district became."""
    return {name: f"{DISTRICT}J{number:02}" for number, name in enumerate(police_districts(), 1)}


def import_boston() -> None:
    """Put the city, one district and twelve beats in force."""
    whole = shapely.union_all(list(police_districts().values()))
    codes = beat_codes()
    outlines = [(CITY, "Boston", whole), (DISTRICT, "Suffolk", whole),
                *((codes[name], name, outline) for name, outline in police_districts().items())]
    outcome = areas.import_areas({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": mapping(outline)}
        for code, name, outline in outlines]})
    assert not outcome.findings, [each.in_language("en") for each in outcome.findings]


def rows() -> list[dict[str, Any]]:
    """The rows of the CSV file as they stand there."""
    with CSV.open(newline="") as text:
        return list(csv.DictReader(text))
