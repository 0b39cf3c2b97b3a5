"""A new edition of areas with open cases inside: which would move is said before; what was decided stays explained."""

import json
from pathlib import Path

import pytest
import shapely
from flask import Flask
from shapely.geometry import mapping, shape

from incident_service import areas, cases
from incident_service.areas.commands import areas_commands
from incident_service.cases.models import Case
from incident_service.demo.people import LATITUDE, LONGITUDE
from incident_service.foundation.database import db
from tests.areas.town import a_file, a_square, an_area, feature, the_town


def merged_into_neighbour(grid: str) -> dict:
    """The grid ends, and the lowest one that touches it in the same community takes it over."""
    town = {each["properties"]["code"]: shape(each["geometry"]) for each in the_town()["features"]}
    other = min(code for code in town if code[:12] == grid[:12] and len(code) == 15 and code != grid
                and town[code].intersection(town[grid]).length > 0)
    together = mapping(shapely.union(town[other], town[grid]))
    return a_file(an_area(other, together, name=areas.name_of(other)), an_area(grid, None, retired=True))


@pytest.fixture
def open_case(town, phone_of, run_jobs) -> Case:
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return db.session.query(Case).filter_by(number=number).one()


def test_an_open_case_in_a_redrawn_grid_would_move(town, open_case):
    draft = areas.draft(merged_into_neighbour(town.grid))
    [move] = cases.area_moves(draft)
    assert (move.number, move.area_code, move.beat_code) == (open_case.number, town.grid, town.beat)
    assert move.new_area_code == draft.locate(LONGITUDE, LATITUDE).grid != town.grid
    assert move.new_beat_code == town.beat


def test_an_open_case_in_a_new_fire_area_would_have_it(town, open_case):
    [move] = cases.area_moves(areas.draft(a_file(an_area(
        "360111X01", a_square(LONGITUDE - 0.001, LATITUDE - 0.001, width=0.002, height=0.002)))))
    assert (move.area_code, move.fire_area_code, move.new_area_code, move.new_fire_area_code) == (
        town.grid, None, town.grid, "360111X01")


def test_a_closed_case_and_one_elsewhere_do_not_move(town, open_case, phone_of):
    assert cases.area_moves(areas.draft(merged_into_neighbour("360111001001001"))) == []
    assert cases.area_moves(areas.draft(the_town())) == []
    open_case.status = cases.Status.CLOSED
    assert cases.area_moves(areas.draft(merged_into_neighbour(town.grid))) == []


def test_a_dry_run_tells_which_cases_would_move_and_stores_nothing(app: Flask, town, open_case, tmp_path: Path):
    file = tmp_path / "merged.geojson"
    file.write_text(json.dumps(merged_into_neighbour(town.grid)), encoding="utf-8")

    def run(*options: str) -> list[str]:
        result = app.test_cli_runner().invoke(areas_commands, ["import", str(file), "--language", "en", *options])
        assert result.exit_code == 0
        return result.output.splitlines()

    dry, wet = run("--dry-run"), run()
    assert dry[0].startswith(f"case {open_case.number} would move from {town.grid} (beat {town.beat}, fire area -) to ")
    assert dry[1] == wet[1] == "1 open cases would move"
    assert dry[-1].endswith("edition 1 (dry run, nothing was imported)")
    assert wet[-1] == "0 added, 1 reshaped, 0 renamed, 1 retired, 0 unchanged; edition 2"


def test_an_old_case_stays_where_it_was_and_says_why_in_the_words_of_its_edition(town, open_case, phone_of):
    before = phone_of(town.desk).get(f"/cases/{open_case.number}").json
    areas.import_areas(merged_into_neighbour(town.grid))
    renamed = the_town()
    feature(renamed, town.beat)["properties"]["name"] = "改了名的责任区"
    areas.import_areas(a_file(feature(renamed, town.beat)))
    after = phone_of(town.desk).get(f"/cases/{open_case.number}").json
    assert [each["code"] for each in after["area"]] == [each["code"] for each in before["area"]]
    assert [each["explanation"] for each in after["dispatches"]] == [
        each["explanation"] for each in before["dispatches"]]
    assert phone_of(town.manager).post(f"/cases/{open_case.number}/acceptance").status_code == 200
