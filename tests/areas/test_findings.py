"""A file of areas with something wrong: every fault is named with its feature, and nothing is stored."""

import pytest
from sqlalchemy import func, select

from incident_service import areas
from incident_service.areas import Fault
from incident_service.areas.models import Area
from incident_service.foundation.database import db
from tests.areas.town import STEP, a_city_of_two_grids, a_file, a_square, an_area, feature

pytestmark = pytest.mark.usefixtures("app")

EASTERN = "360111001001002"
WHOLE = a_square(115.9, 28.6, width=2 * STEP)
BOW_TIE = {"type": "Polygon", "coordinates": [[[115.9, 28.6], [115.902, 28.602], [115.902, 28.6], [115.9, 28.602],
                                               [115.9, 28.6]]]}


def faults(collection: object, **how: object) -> list[tuple[str, str]]:
    outcome = areas.import_areas(collection, **how)
    assert db.session.scalar(select(func.count()).select_from(Area)) == 0
    return [(finding.fault.value, finding.feature.split()[0]) for finding in outcome.findings]


def with_eastern(geometry: object = None, **properties: object) -> dict:
    spoilt = a_city_of_two_grids()
    eastern = feature(spoilt, EASTERN)
    eastern["geometry"] = geometry or eastern["geometry"]
    eastern["properties"] |= properties
    return spoilt


@pytest.mark.parametrize(("properties", "fault", "named"), [
    ({"code": "36011100100100"}, Fault.BAD_CODE, "36011100100100"),
    ({"code": None, "name": None}, Fault.BAD_CODE, "#7"),
    ({"code": "36011100100100２"}, Fault.BAD_CODE, "36011100100100２"),
    ({"name": "  "}, Fault.BAD_NAME, EASTERN),
    ({"name": "长" * 101}, Fault.BAD_NAME, EASTERN),
    ({"name": "一\0二"}, Fault.BAD_NAME, EASTERN),
    ({"name": "半个字\ud800"}, Fault.BAD_NAME, EASTERN),
    ({"layer": "beat"}, Fault.BAD_LAYER, EASTERN),
    ({"parent": "360111001002"}, Fault.BAD_PARENT, EASTERN),
    ({"code": "360111001001001"}, Fault.DUPLICATE_CODE, "360111001001001"),
])
def test_words_of_a_feature(properties, fault, named):
    assert faults(with_eastern(**properties)) == [(fault, named)]


@pytest.mark.parametrize(("geometry", "fault"), [
    ({"type": "Point", "coordinates": [115.9, 28.6]}, Fault.NOT_A_POLYGON),
    ({"type": "Polygon", "coordinates": [[[115.9, 28.6], [115.902, 28.6]]]}, Fault.NOT_A_POLYGON),
    ({"type": "Polygon", "coordinates": "here"}, Fault.NOT_A_POLYGON),
    ({"type": "Polygon"}, Fault.NOT_A_POLYGON),
    ({"type": "Polygon", "coordinates": []}, Fault.INVALID_SHAPE),
    (BOW_TIE, Fault.INVALID_SHAPE),
    (a_square(28.6, 115.902), Fault.SWAPPED_AXES),
    (a_square(1_290_500, 333_500, width=600, height=600), Fault.NOT_DEGREES),
    (a_square(115.902, float("nan")), Fault.NOT_A_POLYGON),
    (a_square(115.902, float("inf")), Fault.NOT_DEGREES),
    (a_square(116.9, 28.6), Fault.OUTSIDE_PARENT),
    (a_square(115.902, 28.6, width=0.003), Fault.OUTSIDE_PARENT),
    (a_square(115.9015, 28.6, width=0.0025), Fault.OVERLAP),
    (a_square(115.9025, 28.6, width=0.0015), Fault.GAP),
])
def test_shape_of_a_feature(geometry, fault):
    assert (fault, {Fault.OVERLAP: "360111001001001", Fault.GAP: "360111001001"}.get(fault, EASTERN)) in faults(
        with_eastern(geometry))


def test_swapped_axes_are_seen_even_where_both_orders_are_possible():
    boston = a_file(an_area("3601", a_square(71.0, 42.3)), an_area("360111", a_square(42.3, 71.0)))
    assert faults(boston) == [(Fault.SWAPPED_AXES, "360111")]


@pytest.mark.parametrize("collection", [
    None, [], "text", {}, {"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": []},
    {"type": "Feature", "features": [1]},
])
def test_what_is_no_collection(collection):
    assert faults(collection) == [(Fault.NOT_GEOJSON, "file")]


def test_what_is_no_feature():
    assert faults(a_file(None, 5, {"type": "Feature"})) == [(Fault.NOT_GEOJSON, f"#{number}") for number in (1, 2, 3)]


def test_a_file_in_a_system_other_than_asked_is_refused():
    stated = a_city_of_two_grids() | {"coordinate_system": "GCJ-02"}
    assert faults(stated, coordinate_system=areas.CoordinateSystem.WGS84) == [(Fault.UNKNOWN_SYSTEM, "file")]
    assert faults(a_city_of_two_grids() | {"coordinate_system": "EPSG:3857"}) == [(Fault.UNKNOWN_SYSTEM, "file")]


def test_a_layer_that_is_not_the_one_asked_for_is_refused():
    assert (Fault.BAD_LAYER, "3601") in faults(a_city_of_two_grids(), layer=areas.Layer.GRID)


def test_an_area_without_its_parent_is_refused():
    assert faults(a_file(an_area("360111", WHOLE))) == [(Fault.MISSING_PARENT, "360111")]


def test_beats_must_not_overlap_either():
    spoilt = a_city_of_two_grids()
    spoilt["features"].append(an_area("360111J02", a_square(115.903, 28.6)))
    assert faults(spoilt) == [(Fault.OVERLAP, "360111J01")]


def test_slivers_of_a_drawing_tool_are_no_fault():
    hair = 0.00000004                                        # 4 mm
    drawn = with_eastern(a_square(115.902 + hair, 28.6, width=STEP + hair))
    assert areas.import_areas(drawn).findings == ()


def test_every_fault_of_a_file_is_named_at_once():
    spoilt = a_city_of_two_grids()
    feature(spoilt, "3601")["properties"]["name"] = ""
    feature(spoilt, EASTERN)["geometry"] = BOW_TIE
    feature(spoilt, "360111J01")["properties"]["layer"] = "grid"
    assert faults(spoilt) == [
        (Fault.BAD_NAME, "3601"), (Fault.BAD_LAYER, "360111J01"), (Fault.INVALID_SHAPE, EASTERN)]


def test_a_wrong_file_leaves_what_is_in_force_alone():
    areas.import_areas(a_city_of_two_grids())
    outcome = areas.import_areas(with_eastern(a_square(115.9025, 28.6, width=0.0015)))
    assert (outcome.edition, len(outcome.findings)) == (1, 1)
    assert areas.locate(115.9022, 28.601).grid == EASTERN


def test_a_community_redrawn_away_from_its_grids_is_noticed():
    areas.import_areas(a_city_of_two_grids())
    wider = a_file(an_area("360111001001", a_square(115.9, 28.6, width=3 * STEP)))
    assert [finding.fault for finding in areas.import_areas(wider).findings] == [Fault.GAP]
