"""The demo town: it tiles without gap or overlap, beats cut across its grids, and the demo point lies well inside."""

from collections import Counter

import pytest
import shapely
from flask import Flask
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from incident_service import areas
from incident_service.areas import Layer
from incident_service.areas.metres import plane_at
from incident_service.demo import town

FEATURES = town.collection()["features"]
SHAPES = {each["properties"]["code"]: shapely.geometry.shape(each["geometry"]) for each in FEATURES}
LAYERS = {code: areas.layer_of(code) for code in SHAPES}
TOWN = SHAPES["3601"]
WEST, SOUTH, EAST, NORTH = TOWN.bounds


def of_layer(layer: areas.Layer) -> dict[str, shapely.Polygon]:
    return {code: shape for code, shape in SHAPES.items() if LAYERS[code] is layer}


def test_it_has_the_levels_a_town_has():
    counts = Counter(LAYERS.values())
    assert counts == {"city": 1, "district": 1, "street": 2, "community": 6, "grid": 36, "beat": 4}
    names = [each["properties"]["name"] for each in FEATURES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("layer", [areas.Layer.STREET, areas.Layer.COMMUNITY, areas.Layer.GRID, areas.Layer.BEAT])
def test_every_layer_tiles_the_town_exactly(layer):
    shapes = list(of_layer(layer).values())
    assert shapely.union_all(shapes).equals(TOWN)
    assert sum(shape.area for shape in shapes) == pytest.approx(TOWN.area, rel=1e-12)
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize("parent", [code for code, layer in LAYERS.items() if layer not in ("grid", "beat")])
def test_every_outline_is_the_union_of_what_lies_in_it(parent):
    children = [shape for code, shape in SHAPES.items() if areas.parent_of(code) == parent and "J" not in code]
    assert shapely.union_all(children).equals(SHAPES[parent])


def test_grids_are_as_wide_as_grids_are():
    for shape in of_layer(areas.Layer.GRID).values():
        west, south, east, north = plane_at(*town.MIDDLE).flatten(shape).bounds
        assert 100 < east - west < 500
        assert 100 < north - south < 500


def test_beats_cut_across_grids():
    beats = list(of_layer(areas.Layer.BEAT).values())
    shared = [grid for grid in of_layer(areas.Layer.GRID).values() if sum(grid.relate_pattern(
        beat, "T********") for beat in beats) > 1]
    assert len(shared) >= 6


def test_the_demo_point_lies_well_inside_a_grid_and_a_beat():
    point, plane = shapely.Point(town.MIDDLE), plane_at(*town.MIDDLE)
    for layer in (areas.Layer.GRID, areas.Layer.BEAT):
        [holding] = [shape for shape in of_layer(layer).values() if shape.contains(point)]
        assert shapely.distance(plane.flatten(holding).exterior, shapely.Point(0, 0)) > 30


def test_the_town_is_the_same_every_time(tmp_path):
    first, second = (town.write(tmp_path / name).read_bytes() for name in ("first", "second"))
    assert first == second


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])   # reads only
@given(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
def test_every_point_of_the_town_has_exactly_one_grid_and_beat(imported: Flask, longitude: float, latitude: float):
    point = shapely.Point(longitude, latitude)
    assume(TOWN.intersects(point))
    place = areas.locate(longitude, latitude)
    assert {found.distance_m for found in place.found.values()} == {0}
    for layer, found in ((areas.Layer.GRID, place.grid), (areas.Layer.BEAT, place.beat)):
        holding = [code for code, shape in of_layer(layer).items() if shape.intersects(point)]
        assert found == min(holding)
        assert len(holding) == 1 or place.found[Layer.GRID].on_border


@pytest.mark.usefixtures("imported")
def test_corners_of_the_town_belong_to_the_lowest_code():
    for corner in shapely.get_coordinates(TOWN):
        grids = [code for code, shape in of_layer(areas.Layer.GRID).items() if shape.intersects(shapely.Point(corner))]
        assert areas.locate(*corner).grid == min(grids)


@pytest.fixture
def imported(app: Flask) -> Flask:
    areas.import_areas(town.collection())
    return app
