"""Files as other offices make them: other property names, no codes of ours, no parent, another system than stated."""

import pytest

from incident_service import areas
from incident_service.areas import CoordinateSystem, Fault, Layer, Reading
from tests.areas.town import STEP, a_city_of_two_grids, a_file, a_square

pytestmark = pytest.mark.usefixtures("app")

WEST, SOUTH = 115.9, 28.6


def plain(**properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": a_square(WEST, SOUTH, width=2 * STEP)}


def districts(*names: str) -> dict:
    return a_file(*({"type": "Feature", "properties": {"district": name},
                     "geometry": a_square(WEST + at * STEP, SOUTH)} for at, name in enumerate(names)))


def put(collection: dict, **reading: object) -> areas.ImportOutcome:
    return areas.put_in_force(areas.draft(collection, Reading(**reading)))


def test_codes_and_names_stand_under_other_words():
    outcome = put(a_file(plain(adcode=360111, mc="青山湖区")), code_property="adcode", name_property="mc",
                  parent_name="南昌市")
    assert (outcome.findings, outcome.added) == ((), 2)
    assert (areas.name_of("360111"), areas.name_of("3601")) == ("青山湖区", "南昌市")


def test_areas_without_codes_are_numbered_and_known_again_by_name():
    numbered = {"layer": Layer.DISTRICT, "name_property": "district", "number_under": "2500", "parent_name": "波士顿"}
    put(districts("A1", "A15"), **numbered)
    outcome = put(districts("B2", "A15", "A1"), **numbered)
    assert (outcome.added, outcome.findings) == (1, ())
    assert [areas.name_of(code) for code in ("250001", "250002", "250003", "2500")] == ["A1", "A15", "B2", "波士顿"]


def test_beats_are_numbered_with_their_letter():
    areas.import_areas(a_city_of_two_grids())
    outcome = put(a_file(plain(name="第二责任区")), layer=Layer.BEAT, number_under="360111")
    assert [(each.fault, each.feature) for each in outcome.findings] == [(Fault.OVERLAP, "360111J01 区域360111J01")]
    assert "360111J02 第二责任区" in str(outcome.findings[0].detail)


def test_what_cannot_be_numbered_has_a_bad_code():
    outcome = put(a_file(plain(name="甲")), layer=Layer.CITY, number_under="3601")
    assert [each.fault for each in outcome.findings] == [Fault.BAD_CODE]


def test_a_parent_of_areas_that_have_several_cannot_be_made():
    outcome = put(a_file(plain(code="360111", name="甲"), plain(code="360211", name="乙")), parent_name="南昌市")
    assert [each.fault for each in outcome.findings] == [Fault.BAD_PARENT]


@pytest.mark.parametrize(("crs", "is_taken"), [
    ("urn:ogc:def:crs:OGC:1.3:CRS84", True), ("urn:ogc:def:crs:EPSG::4490", True), ("EPSG:4326", True),
    ("urn:ogc:def:crs:EPSG::2249", False), ("EPSG:3857", False)])
def test_a_file_that_states_feet_or_metres_is_refused(crs, is_taken):
    stated = a_city_of_two_grids() | {"crs": {"type": "name", "properties": {"name": crs}}}
    outcome = areas.import_areas(stated)
    assert [each.fault for each in outcome.findings] == ([] if is_taken else [Fault.UNKNOWN_SYSTEM])


@pytest.mark.parametrize(("geometry", "fault"), [
    (a_square(39.47, 75.99), Fault.SWAPPED_AXES),                   # 喀什, both orders are degrees
    (a_square(42.35, -71.06), Fault.SWAPPED_AXES),                  # Boston
    (a_square(0, 0, width=60, height=50), Fault.NOT_DEGREES),       # feet from a corner of the town
    (a_square(100, -80), Fault.NOT_DEGREES),
    (a_square(775_000, 2_960_000, width=500, height=500), Fault.NOT_DEGREES),
])
def test_numbers_that_are_no_place_where_people_live(geometry, fault):
    outcome = areas.import_areas(a_file({"type": "Feature", "properties": {"code": "3601", "name": "市"},
                                         "geometry": geometry}))
    assert [each.fault for each in outcome.findings] == [fault]


def drawn_in(system: CoordinateSystem, *, levels: tuple[int, ...] = (4, 6, 9, 12, 15)) -> dict:
    drawn = a_file(*(each for each in a_city_of_two_grids()["features"]
                     if len(each["properties"]["code"]) in levels))
    for each in drawn["features"]:
        ring = each["geometry"]["coordinates"][0]
        each["geometry"]["coordinates"][0] = [list(areas.from_wgs84(*corner, system)) for corner in ring]
    return drawn


@pytest.mark.parametrize("levels", [(4, 6, 9, 12, 15), (6,), (15,)])
@pytest.mark.parametrize("system", [CoordinateSystem.GCJ02, CoordinateSystem.BD09])
def test_a_file_drawn_in_another_system_is_noticed(system, levels):
    areas.import_areas(a_city_of_two_grids())
    drawn = drawn_in(system, levels=levels)
    doubt = areas.import_areas(drawn).findings[0]
    assert (doubt.fault, doubt.detail.values["other"]) == (Fault.WRONG_SYSTEM, system)
    assert areas.import_areas(drawn, coordinate_system=system).unchanged == len(drawn["features"])


def test_whoever_says_expressly_that_it_is_so_is_believed():
    areas.import_areas(a_city_of_two_grids())
    moved = drawn_in(CoordinateSystem.GCJ02)
    assert areas.import_areas(moved, coordinate_system=CoordinateSystem.WGS84).reshaped == 7


def test_a_file_that_fits_raises_no_doubt():
    areas.import_areas(a_city_of_two_grids())
    assert areas.draft(a_city_of_two_grids()).findings == []
