"""Importing areas: what is right is stored as an edition, and re-importing it changes nothing."""

import pytest
from sqlalchemy import func, select

from incident_service import areas
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.foundation.database import db
from tests.areas.town import a_city_of_two_grids, a_file, a_square, an_area, feature, the_town

pytestmark = pytest.mark.usefixtures("app")


def stored() -> tuple[int, int, int]:
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in (Area, AreaShape, AreaEdition))


def test_the_demo_town_is_imported_as_the_first_edition():
    outcome = areas.import_areas(the_town())
    assert (outcome.edition, outcome.added, outcome.findings) == (1, 50, ())
    assert stored() == (50, 50, 1)


def test_the_same_file_again_changes_nothing():
    areas.import_areas(the_town())
    outcome = areas.import_areas(the_town())
    assert (outcome.edition, outcome.added, outcome.reshaped, outcome.unchanged) == (1, 0, 0, 50)
    assert stored() == (50, 50, 1)


def test_a_ring_that_starts_elsewhere_is_the_same_shape():
    areas.import_areas(a_city_of_two_grids())
    turned = a_city_of_two_grids()
    ring = feature(turned, "360111001001001")["geometry"]["coordinates"][0]
    feature(turned, "360111001001001")["geometry"]["coordinates"][0] = ring[2:] + ring[1:3]
    assert areas.import_areas(turned).reshaped == 0


def test_a_moved_border_makes_an_edition_and_keeps_the_old_shapes():
    areas.import_areas(a_city_of_two_grids())
    moved = a_file(
        an_area("360111001001001", a_square(115.9, 28.6, width=0.003)),
        an_area("360111001001002", a_square(115.903, 28.6, width=0.001)),
    )
    outcome = areas.import_areas(moved)
    assert (outcome.edition, outcome.reshaped, outcome.findings) == (2, 2, ())
    shapes = db.session.scalars(
        select(AreaShape).where(AreaShape.area_code == "360111001001001").order_by(AreaShape.in_force_from)).all()
    assert [shape.in_force_to for shape in shapes] == [shapes[1].in_force_from, None]
    assert areas.locate(115.9025, 28.601).grid == "360111001001001"


def test_a_new_name_makes_an_edition_and_no_shape():
    areas.import_areas(a_city_of_two_grids())
    renamed = a_city_of_two_grids()
    feature(renamed, "360111001")["properties"]["name"] = "新街道"
    outcome = areas.import_areas(renamed)
    assert (outcome.edition, outcome.renamed, outcome.unchanged) == (2, 1, 6)
    assert areas.name_of("360111001") == "新街道"
    assert stored() == (7, 7, 2)


def test_grids_may_come_after_their_community():
    whole = a_city_of_two_grids()
    upper = a_file(*(each for each in whole["features"] if len(each["properties"]["code"]) < 15))
    lower = a_file(*(each for each in whole["features"] if len(each["properties"]["code"]) == 15))
    assert areas.import_areas(upper).added == 5
    assert areas.import_areas(lower, layer=areas.Layer.GRID).added == 2


@pytest.mark.parametrize("system", [areas.CoordinateSystem.GCJ02, areas.CoordinateSystem.BD09])
@pytest.mark.parametrize("says_so_itself", [True, False])
def test_a_file_in_another_system_lands_in_the_same_place(system, says_so_itself):
    drawn = a_city_of_two_grids()
    for each in drawn["features"]:
        ring = each["geometry"]["coordinates"][0]
        each["geometry"]["coordinates"][0] = [list(areas.from_wgs84(*corner, system)) for corner in ring]
    if says_so_itself:
        drawn["coordinate_system"] = system.upper()
    areas.import_areas(drawn, coordinate_system=None if says_so_itself else system)
    assert areas.import_areas(a_city_of_two_grids()).unchanged == 7


def test_numbers_as_codes_and_several_parts_are_taken():
    east = a_square(115.902, 28.6)["coordinates"]
    parts = {"type": "MultiPolygon", "coordinates": [a_square(115.9, 28.6, width=0.001)["coordinates"], east]}
    outcome = areas.import_areas(a_file(an_area(3601, parts)))
    assert (outcome.added, outcome.findings) == (1, ())
    assert areas.locate(115.903, 28.601).path[-1].code == "3601"


def renamed(name: str) -> dict:
    city = a_city_of_two_grids()
    feature(city, "360111001")["properties"]["name"] = name
    return city


def test_of_two_imports_that_began_from_the_same_edition_one_is_refused():
    areas.import_areas(a_city_of_two_grids())
    slow = areas.draft(renamed("慢街道"))
    areas.import_areas(renamed("快街道"))
    with pytest.raises(areas.ImportsCollided):
        areas.put_in_force(slow)
    assert (areas.name_of("360111001"), stored()) == ("快街道", (7, 7, 2))


def test_of_two_first_imports_one_is_refused():
    drafts = [areas.draft(a_city_of_two_grids()) for _ in range(2)]
    areas.put_in_force(drafts[0])
    with pytest.raises(areas.ImportsCollided):
        areas.put_in_force(drafts[1])
    assert stored() == (7, 7, 1)
