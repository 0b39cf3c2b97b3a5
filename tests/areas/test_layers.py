"""Codes as in practice, and what they say of layers and parents."""

import pytest

from incident_service import areas
from incident_service.accounts.roles import is_area_code
from incident_service.areas import Layer


@pytest.mark.parametrize(("code", "layer", "parent"), [
    ("3601", Layer.CITY, None), ("360111", Layer.DISTRICT, "3601"), ("360111001", Layer.STREET, "360111"),
    ("360111001001", Layer.COMMUNITY, "360111001"), ("360111001001001", Layer.GRID, "360111001001"),
    ("360111J01", Layer.BEAT, "360111"), ("360111J012", Layer.BEAT, "360111"),
    ("360111X01", Layer.FIRE_AREA, "360111"), ("360111X012", Layer.FIRE_AREA, "360111"),
    ("360111001Q001", Layer.COMPOUND, "360111001"), ("360111001L001", Layer.PUBLIC_ROAD, "360111001"),
])
def test_a_code_says_what_it_is_and_what_it_lies_in(code, layer, parent):
    assert (areas.layer_of(code), areas.parent_of(code)) == (layer, parent)
    assert areas.lineage(code)[0] == "3601"


@pytest.mark.parametrize("code", ["", "36", "360111J1", "360111Q001", "360111001Q01", "360111001J01", "360111001x001",
                                  "360111001Q001\n", "３６０１"])
def test_what_has_no_known_form_is_no_code(code):
    assert areas.layer_of(code) is None


@pytest.mark.parametrize("code", ["3601", "360111001001001", "360111J01", "360111X012"])
def test_roles_are_held_in_areas_that_somebody_answers_for(code):
    assert is_area_code(code)
    assert not is_area_code("360111001Q001")
