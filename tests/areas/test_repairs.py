"""Files that nearly fit: what small repairs would mend is said, and mended only when that is accepted."""

from random import Random

import pytest

from incident_service import areas
from incident_service.areas import Fault
from tests.areas.town import STEP, a_city_of_two_grids, a_file, a_square, an_area, feature

pytestmark = pytest.mark.usefixtures("app")

WEST, SOUTH = 115.9, 28.6
WESTERN, EASTERN = "360111001001001", "360111001001002"
A_LITTLE = STEP / 100
BOW_TIE = {"type": "Polygon", "coordinates": [[[115.9, 28.6], [115.902, 28.602], [115.902, 28.6], [115.9, 28.602],
                                               [115.9, 28.6]]]}


def with_grid(code: str, geometry: object) -> dict:
    spoilt = a_city_of_two_grids()
    feature(spoilt, code)["geometry"] = geometry
    return spoilt


NEARLY = [
    (with_grid(EASTERN, a_square(WEST + STEP - A_LITTLE, SOUTH, width=STEP + A_LITTLE)), Fault.OVERLAP, WESTERN),
    (with_grid(EASTERN, a_square(WEST + STEP + A_LITTLE, SOUTH, width=STEP - A_LITTLE)), Fault.GAP, "360111001001"),
    (with_grid(EASTERN, a_square(WEST + STEP, SOUTH, width=STEP + A_LITTLE)), Fault.OUTSIDE_PARENT, EASTERN),
]


@pytest.mark.parametrize(("nearly", "fault", "named"), NEARLY)
def test_without_being_told_to_nothing_is_repaired_or_stored(nearly, fault, named):
    outcome = areas.import_areas(nearly)
    assert [(each.fault, each.feature.split()[0], each.can_be_repaired) for each in outcome.findings] == [
        (fault, named, True)]
    assert (outcome.edition, outcome.added, areas.are_imported()) == (0, 0, False)


@pytest.mark.parametrize(("nearly", "fault", "named"), NEARLY)
def test_an_accepted_repair_is_named_and_leaves_grids_that_fit(nearly, fault, named):
    outcome = areas.import_areas(nearly, accept_repairs=True)
    assert [(each.fault, each.feature.split()[0]) for each in outcome.repairs] == [(fault, named)]
    assert (outcome.findings, outcome.edition, outcome.added) == ((), 1, 7)
    for east in (0.0, STEP - A_LITTLE / 2, STEP, STEP + A_LITTLE / 2, 2 * STEP):
        assert areas.locate(round(WEST + east, 9), SOUTH + A_LITTLE).found[areas.Layer.GRID].distance_m == 0


@pytest.mark.parametrize(("nearly", "fault", "named"), NEARLY)
def test_the_same_repaired_again_changes_nothing(nearly, fault, named):
    areas.import_areas(nearly, accept_repairs=True)
    again = areas.import_areas(nearly, accept_repairs=True)
    assert (again.edition, again.reshaped, again.unchanged) == (1, 0, 7)


def test_what_is_shared_goes_to_the_lower_code():
    nearly, _, _ = NEARLY[0]
    areas.import_areas(nearly, accept_repairs=True)
    assert areas.locate(WEST + STEP - A_LITTLE / 2, SOUTH + A_LITTLE).grid == WESTERN


def test_an_area_that_is_not_in_the_file_is_never_repaired():
    areas.import_areas(a_city_of_two_grids())
    wider = a_file(an_area(WESTERN, a_square(WEST, SOUTH, width=STEP + A_LITTLE)))
    areas.import_areas(wider, accept_repairs=True)
    assert areas.locate(WEST + STEP + A_LITTLE / 2, SOUTH + A_LITTLE).grid == EASTERN


def test_large_faults_are_left_to_people():
    wide = with_grid(EASTERN, a_square(115.9015, 28.6, width=0.0025))
    outcome = areas.import_areas(wide, accept_repairs=True)
    assert [(each.fault, each.can_be_repaired) for each in outcome.findings] == [(Fault.OVERLAP, False)]
    assert not areas.are_imported()


def test_a_shape_that_crosses_itself_is_made_valid():
    beat = a_city_of_two_grids()
    feature(beat, "360111J01")["geometry"] = BOW_TIE
    assert [(each.fault, each.can_be_repaired) for each in areas.import_areas(beat).findings] == [
        (Fault.INVALID_SHAPE, True)]
    outcome = areas.import_areas(beat, accept_repairs=True)
    assert [each.fault for each in outcome.repairs] == [Fault.INVALID_SHAPE]
    assert areas.locate(115.9003, 28.601).beat == "360111J01"
    assert areas.locate(115.901, 28.602).beat is None


def test_a_community_not_yet_covered_by_beats_is_remarked_and_stored():
    short = a_city_of_two_grids()
    feature(short, "360111J01")["geometry"] = a_square(WEST, SOUTH)
    outcome = areas.import_areas(short)
    assert (outcome.findings, outcome.added) == ((), 7)
    assert [(each.fault, each.feature.split()[0]) for each in outcome.remarks] == [(Fault.GAP, "360111")]
    assert "no beat" in str(outcome.remarks[0].words)


def test_a_tangle_is_refused_at_once():
    chance = Random(1)
    ring = [[115.9 + chance.random() / 100, 28.6 + chance.random() / 100] for _ in range(5000)]
    tangle = a_city_of_two_grids()
    feature(tangle, "360111J01")["geometry"] = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    outcome = areas.import_areas(tangle, accept_repairs=True)
    assert [(each.fault, each.can_be_repaired) for each in outcome.findings] == [(Fault.INVALID_SHAPE, False)]


def test_a_file_in_which_all_overlap_all_is_refused_soon():
    same = a_city_of_two_grids()
    same["features"] += [an_area(f"360111001001{number:03}", a_square(WEST, SOUTH)) for number in range(3, 503)]
    outcome = areas.import_areas(same, accept_repairs=True)
    assert {each.fault for each in outcome.findings} == {Fault.OVERLAP}
    assert 0 < len(outcome.findings) <= 1000
