"""Areas that end: grids are merged and split, and what was goes on being known."""

import pytest

from incident_service import areas
from incident_service.areas import Fault
from tests.areas.town import STEP, a_city_of_two_grids, a_file, a_square, an_area

pytestmark = pytest.mark.usefixtures("app")

WEST, SOUTH = 115.9, 28.6
WESTERN, EASTERN = "360111001001001", "360111001001002"


def merged() -> dict:
    """The western grid takes over all; the eastern one ends."""
    return a_file(an_area(WESTERN, a_square(WEST, SOUTH, width=2 * STEP)), an_area(EASTERN, None, retired=True))


def test_two_grids_become_one():
    areas.import_areas(a_city_of_two_grids())
    outcome = areas.import_areas(merged())
    assert (outcome.findings, outcome.edition, outcome.reshaped, outcome.retired) == ((), 2, 1, 1)
    assert areas.locate(WEST + 1.5 * STEP, SOUTH + STEP / 2).grid == WESTERN


def test_an_area_that_has_ended_is_known_but_not_in_force():
    areas.import_areas(a_city_of_two_grids())
    areas.import_areas(merged())
    assert (areas.exists(EASTERN), areas.is_known(EASTERN), areas.is_known("360111001001009")) == (False, True, False)
    assert [each.code for each in areas.path_of(EASTERN)][-2:] == ["360111001001", EASTERN]


def test_an_area_that_has_ended_may_begin_anew():
    areas.import_areas(a_city_of_two_grids())
    areas.import_areas(merged())
    assert areas.import_areas(a_city_of_two_grids()).added == 1
    assert areas.locate(WEST + 1.5 * STEP, SOUTH + STEP / 2).grid == EASTERN


@pytest.mark.parametrize(("code", "fault", "named"), [
    (EASTERN, Fault.GAP, "360111001001"), ("360111001001", Fault.MISSING_PARENT, WESTERN),
    ("360111001001009", Fault.NOT_IN_FORCE, "360111001001009")])
def test_an_end_that_leaves_something_behind_is_refused(code, fault, named):
    areas.import_areas(a_city_of_two_grids())
    outcome = areas.import_areas(a_file(an_area(code, None, retired=True)))
    assert (fault, named) in [(each.fault, each.feature.split()[0]) for each in outcome.findings]
    assert outcome.edition == 1


def test_a_file_that_only_ends_areas_makes_no_parent_of_nothing():
    areas.import_areas(a_city_of_two_grids())
    ending = a_file(an_area("360111J01", None, retired=True))
    outcome = areas.put_in_force(areas.draft(ending, areas.Reading(parent_name="青山湖区")))
    assert (outcome.findings, outcome.retired, outcome.reshaped) == ((), 1, 0)
    assert areas.locate(WEST, SOUTH).beat is None


def test_a_number_that_was_used_once_is_not_given_again():
    areas.import_areas(a_city_of_two_grids())
    areas.import_areas(merged())
    halves = a_file(*({"type": "Feature", "properties": {"name": name}, "geometry": a_square(
        WEST + at * STEP, SOUTH)} for at, name in enumerate((f"区域{WESTERN}", "新网格"))))
    reading = areas.Reading(layer=areas.Layer.GRID, number_under="360111001001")
    areas.put_in_force(areas.draft(halves, reading))
    assert areas.locate(WEST + 1.5 * STEP, SOUTH + STEP / 2).grid == "360111001001003"
