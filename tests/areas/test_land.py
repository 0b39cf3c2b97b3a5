"""Layers beside the tree: fire areas, compounds and public roads, and what kind of land a place lies on."""

import pytest

from incident_service import areas
from incident_service.areas import Fault, Land, Layer
from tests.areas.town import STEP, a_city_of_two_grids, a_file, a_square, an_area

pytestmark = pytest.mark.usefixtures("app")

WEST, SOUTH = 115.9, 28.6
COMPOUND, ROAD, FIRE_AREA = "360111001Q001", "360111001L001", "360111X01"
HALF, MIDDLE = STEP / 2, SOUTH + STEP / 2


def with_land(*more: dict) -> areas.ImportOutcome:
    """Two grids; a compound in the western half of the western one, a road right beside it, a fire area over both."""
    areas.import_areas(a_city_of_two_grids())
    return areas.import_areas(a_file(
        an_area(COMPOUND, a_square(WEST, SOUTH, width=HALF)),
        an_area(ROAD, a_square(WEST + HALF, SOUTH, width=HALF / 2)),
        an_area(FIRE_AREA, a_square(WEST, SOUTH, width=2 * STEP)), *more))


@pytest.mark.parametrize(("east", "land"), [
    (HALF / 2, Land.COMPOUND), (HALF * 1.25, Land.PUBLIC_ROAD), (HALF * 1.75, Land.UNKNOWN),
    (HALF, Land.COMPOUND), (HALF * 1.5, Land.PUBLIC_ROAD)])
def test_the_land_of_a_place_and_on_the_border_the_compound_counts(east, land):
    assert with_land().findings == ()
    place = areas.locate(round(WEST + east, 9), MIDDLE)
    assert place.land is land
    assert (place.grid, place.beat) == ("360111001001001", "360111J01")


def test_no_land_is_guessed_from_nearby():
    with_land()
    assert areas.locate(WEST + HALF * 1.5 + 0.000001, MIDDLE).land is Land.UNKNOWN
    assert areas.locate(WEST - 0.000001, MIDDLE).land is Land.UNKNOWN


def test_a_fire_area_is_found_like_a_beat():
    with_land()
    inside, near = areas.locate(WEST + HALF, MIDDLE), areas.locate(WEST - 0.0001, MIDDLE)
    assert inside.code_on(Layer.FIRE_AREA) == near.code_on(Layer.FIRE_AREA) == FIRE_AREA
    assert near.found[Layer.FIRE_AREA].distance_m == pytest.approx(9.78, abs=0.02)


def test_a_city_without_such_layers_has_unknown_land_and_no_fire_area():
    areas.import_areas(a_city_of_two_grids())
    place = areas.locate(WEST + HALF, MIDDLE)
    assert (place.land, place.on(Layer.FIRE_AREA), place.on(Layer.COMPOUND)) == (Land.UNKNOWN, None, None)


@pytest.mark.parametrize(("layer", "code"), [
    (Layer.CITY, "3601"), (Layer.DISTRICT, "360111"), (Layer.STREET, "360111001"), (Layer.COMMUNITY, "360111001001"),
    (Layer.GRID, "360111001001001"), (Layer.BEAT, "360111J01"), (Layer.COMPOUND, COMPOUND)])
def test_what_answers_for_a_place_on_every_layer(layer, code):
    with_land()
    found = areas.locate(WEST + HALF / 2, MIDDLE).on(layer)
    assert (found.area.code, found.area.layer, found.on_border) == (code, layer, False)


def test_nobodys_place_is_answered_for_on_no_layer_of_the_tree():
    with_land()
    place = areas.locate(WEST - 0.002, MIDDLE)
    assert place.nearest_street == "360111001"
    assert all(place.on(layer) is None for layer in Layer)


def test_a_compound_and_a_public_road_do_not_overlap():
    outcome = with_land(an_area("360111001L002", a_square(WEST, SOUTH, width=HALF / 2)))
    assert [(each.fault, each.feature.split()[0]) for each in outcome.findings] == [(Fault.OVERLAP, "360111001L002")]
