"""Which grid and beat a place lies in, on borders, outside and far away."""

from concurrent.futures import ThreadPoolExecutor
from math import cos, pi, radians, sin

import pytest
import shapely
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_service import areas
from incident_service.areas import Layer
from incident_service.areas.locating import Shelf
from incident_service.areas.metres import plane_at
from incident_service.foundation.transaction import transaction
from tests.areas.town import STEP, a_city_of_two_grids, a_file, a_square, an_area, feature

WEST, SOUTH = 115.9, 28.6
WESTERN, EASTERN = "360111001001001", "360111001001002"
BORDER = WEST + STEP
NORTH_EDGE = SOUTH + STEP


@pytest.fixture
def two_grids(app: Flask) -> Flask:
    areas.import_areas(a_city_of_two_grids())
    return app


def north_of_the_city(metres: float) -> tuple[float, float]:
    return WEST + STEP / 2, NORTH_EDGE + metres / plane_at(WEST, NORTH_EDGE).north_m


@pytest.mark.usefixtures("two_grids")
def test_a_place_inside_a_grid():
    place = areas.locate(WEST + 0.001, SOUTH + 0.001)
    assert (place.grid, place.beat, place.nearest_street) == (WESTERN, "360111J01", None)
    assert (place.edition, place.found[Layer.GRID].on_border, place.found[Layer.GRID].distance_m) == (1, False, 0.0)
    assert [(each.code, each.layer) for each in place.path] == [
        ("3601", "city"), ("360111", "district"), ("360111001", "street"), ("360111001001", "community"),
        (WESTERN, "grid")]
    assert place.area_code == WESTERN


@pytest.mark.usefixtures("two_grids")
@pytest.mark.parametrize("latitude", [SOUTH, SOUTH + 0.001, NORTH_EDGE])
def test_on_a_border_the_lowest_code_wins(latitude):
    place = areas.locate(BORDER, latitude)
    assert (place.grid, place.found[Layer.GRID].on_border) == (WESTERN, True)


@pytest.mark.usefixtures("two_grids")
def test_on_the_edge_of_the_city_is_inside():
    assert areas.locate(WEST, SOUTH).grid == WESTERN


@pytest.mark.usefixtures("two_grids")
@pytest.mark.parametrize(("metres", "grid"), [(1, WESTERN), (49.9, WESTERN), (50.1, None)])
def test_just_outside_belongs_to_the_nearest_grid_and_beat_within_the_tolerance(metres, grid):
    place = areas.locate(*north_of_the_city(metres))
    assert place.grid == grid
    assert place.beat == (grid and "360111J01")
    if grid:
        assert place.found[Layer.GRID].distance_m == pytest.approx(metres, abs=0.01)


@pytest.mark.usefixtures("two_grids")
def test_equally_near_grids_give_the_lowest_code():
    longitude, latitude = north_of_the_city(20)
    assert areas.locate(longitude + STEP / 2, latitude).grid == WESTERN


@pytest.mark.usefixtures("two_grids")
@pytest.mark.parametrize(("metres", "street", "owner"), [
    (1999, "360111001", "360111001"), (2001, None, "3601"), (500_000, None, "3601")])
def test_nobodys_place_belongs_to_the_nearest_street_then_to_the_city(metres, street, owner):
    place = areas.locate(*north_of_the_city(metres))
    assert (place.grid, place.beat, place.nearest_street, place.area_code) == (None, None, street, owner)
    assert place.path[-1].code == owner


@pytest.mark.usefixtures("two_grids")
@pytest.mark.parametrize("place", [(0, 0), (180, 90), (-180, -90), (28.6, 115.9 - 90)])
def test_anywhere_on_earth_has_an_answer(place):
    assert areas.locate(*place).area_code == "3601"


@pytest.mark.usefixtures("app")
def test_before_any_import_a_place_is_nowhere():
    place = areas.locate(WEST, SOUTH)
    assert (place.grid, place.beat, place.path, place.area_code, place.edition) == (None, None, (), None, 0)


@pytest.mark.usefixtures("two_grids")
def test_names_and_paths_by_code():
    assert areas.name_of(EASTERN) == f"区域{EASTERN}"
    assert [each.code for each in areas.path_of("360111J01")] == ["3601", "360111", "360111J01"]
    assert areas.exists("360111001")
    assert not areas.exists("360111002")
    with pytest.raises(areas.UnknownArea):
        areas.name_of("360111002")


@given(st.floats(0, 2 * pi), st.floats(1, 49))
def test_metres_are_metres_in_every_direction(direction, metres):
    """Against the length of a degree as surveyors publish it for 28.6° N: 97,812 m and 110,829 m (rounded)."""
    place = plane_at(WEST, SOUTH)
    there = WEST + metres * sin(direction) / 97_812, SOUTH + metres * cos(direction) / 110_829
    flat = place.flatten(shapely.Point(there))
    assert shapely.distance(flat, shapely.Point(0, 0)) == pytest.approx(metres, rel=2e-4)


def test_the_plane_agrees_with_the_sphere_within_the_flattening():
    place = plane_at(0, 45)
    assert place.north_m == pytest.approx(6371008.8 * radians(1), rel=0.0034)
    assert place.east_m == pytest.approx(6371008.8 * radians(1) * cos(radians(45)), rel=0.0034)


def the_border_moved() -> dict:
    return a_file(an_area(WESTERN, a_square(WEST, SOUTH, width=0.003)),
                  an_area(EASTERN, a_square(WEST + 0.003, SOUTH, width=0.001)))


@pytest.mark.usefixtures("two_grids")
def test_an_edition_imported_elsewhere_is_seen_at_the_next_look(app: Flask, monkeypatch: pytest.MonkeyPatch):
    """Another process has an atlas of its own: nothing but the database tells it."""
    areas.locate(WEST, SOUTH)
    here = app.extensions["areas"]
    monkeypatch.setitem(app.extensions, "areas", Shelf())
    areas.import_areas(the_border_moved())
    monkeypatch.setitem(app.extensions, "areas", here)
    assert here.atlas.edition == 1
    place = areas.locate(WEST + 0.0025, SOUTH)
    assert (place.grid, place.edition) == (WESTERN, 2)


@pytest.mark.usefixtures("two_grids")
def test_who_imports_sees_the_new_edition_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "AREA_AGE_S_MAX", 3600)
    areas.locate(WEST, SOUTH)
    with transaction():
        areas.import_areas(the_border_moved())
        assert areas.locate(WEST + 0.0025, SOUTH).grid == WESTERN
    assert areas.locate(WEST + 0.0025, SOUTH).grid == WESTERN


@pytest.mark.usefixtures("two_grids")
def test_whoever_looks_before_the_commit_does_not_hide_the_new_edition(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "AREA_AGE_S_MAX", 3600)
    areas.locate(WEST, SOUTH)

    def ask() -> int:
        with app.app_context():
            return areas.edition()

    with ThreadPoolExecutor(1) as another, transaction():
        areas.import_areas(the_border_moved())
        assert another.submit(ask).result() == 1
    assert areas.edition() == 2


@pytest.mark.usefixtures("two_grids")
def test_within_its_allowed_age_the_atlas_asks_the_database_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "AREA_AGE_S_MAX", 3600)
    before = areas.locate(WEST, SOUTH)
    monkeypatch.setattr("incident_service.areas.queries.latest_edition", None)
    assert areas.locate(WEST, SOUTH) == before


@pytest.mark.usefixtures("two_grids")
def test_many_threads_share_one_atlas(app: Flask):
    app.extensions.pop("areas")

    def ask(_: int) -> tuple[str | None, int]:
        with app.app_context():
            place = areas.locate(WEST + 0.003, SOUTH + 0.001)
            return place.grid, place.edition

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(64))) == {(EASTERN, 1)}


@pytest.mark.usefixtures("two_grids")
@settings(max_examples=60, deadline=None)
@given(st.floats(0, 2 * STEP), st.floats(0, STEP))
def test_every_point_of_a_community_has_exactly_one_grid(east, north):
    place = areas.locate(WEST + east, SOUTH + north)
    assert place.grid == (WESTERN if WEST + east <= BORDER else EASTERN)


def test_a_renamed_community_is_called_by_its_new_name(two_grids: Flask):
    renamed = a_city_of_two_grids()
    feature(renamed, "360111001001")["properties"]["name"] = "新社区"
    areas.import_areas(renamed)
    assert areas.locate(WEST, SOUTH).path[3].name == "新社区"
