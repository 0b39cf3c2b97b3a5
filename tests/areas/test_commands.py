"""`flask areas import`: says what it found, one summary line last, and exits accordingly."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from incident_service import areas
from incident_service.areas.commands import areas_commands
from incident_service.demo import town
from tests.areas.town import a_city_of_two_grids, a_square, feature


@pytest.fixture
def run(app: Flask):
    def call(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(areas_commands, ["import", *arguments])

    return call


def test_the_demo_town_goes_in_as_a_file(run, tmp_path: Path):
    result = run(str(town.write(tmp_path / "town.geojson")), "--language", "en")
    assert (result.exit_code, result.output) == (
        0, "50 added, 0 reshaped, 0 renamed, 0 retired, 0 unchanged; edition 1\n")


def test_what_is_wrong_is_named_and_the_exit_says_so(run, tmp_path: Path):
    spoilt = a_city_of_two_grids()
    feature(spoilt, "360111001001002")["geometry"] = a_square(115.9015, 28.6, width=0.0025)
    file = tmp_path / "spoilt.geojson"
    file.write_text(json.dumps(spoilt), encoding="utf-8")
    result = run(str(file))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "[overlap] 360111001001001 区域360111001001001: 与 360111001001002 区域360111001001002 重叠 10,840 平方米",
        "发现 1 个问题，未导入任何区域",
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"null"])
def test_a_file_that_is_no_geojson(run, tmp_path: Path, content: bytes):
    file = tmp_path / "broken.geojson"
    file.write_bytes(content)
    result = run(str(file), "--language", "en")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "1 findings, nothing was imported"


def test_a_missing_file_and_an_unknown_layer_are_usage_errors(run, tmp_path: Path):
    assert run(str(tmp_path / "nowhere.geojson")).exit_code == 2
    assert run(str(town.write(tmp_path / "town.geojson")), "--layer", "planet").exit_code == 2


def test_an_import_that_collided_with_another_says_so_in_one_line(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = str(town.write(tmp_path / "town.geojson"))
    run(file)
    renamed = tmp_path / "renamed.geojson"
    renamed.write_text(Path(file).read_text(encoding="utf-8").replace("樟荫街道", "新街道"), encoding="utf-8")
    slow = areas.draft(json.loads(renamed.read_text(encoding="utf-8")))
    areas.import_areas(json.loads(renamed.read_text(encoding="utf-8").replace("新街道", "快街道")))
    monkeypatch.setattr("incident_service.areas.commands.draft", lambda *_, **__: slow)
    result = run(str(renamed), "--language", "en")
    assert (result.exit_code, result.output) == (1, "Another import of areas has just finished; import again\n")


def test_a_layer_is_called_by_its_stored_word(run, tmp_path: Path):
    result = run(str(town.write(tmp_path / "town.geojson")), "--layer", "grid", "--coordinate-system", "gcj02")
    assert result.exit_code == 1                    # understood, and not every feature of the town is a grid
