"""When two reports are taken for the same thing."""

import pytest

from incident_service.catalogue import DuplicateRule, Likeness, plates_in

RULE = DuplicateRule("fire_lane", within_m=50, within_hours=6, sure_m=15, source="a test")
ONE, OTHER, NONE = frozenset({"赣A12345"}), frozenset({"赣A54321"}), frozenset()


@pytest.mark.parametrize(("distance_m", "said", "said_before", "likeness"), [
    (0, NONE, NONE, Likeness.SURE), (15, NONE, NONE, Likeness.SURE), (15.1, NONE, NONE, Likeness.LIKELY),
    (50, NONE, NONE, Likeness.LIKELY), (50.1, NONE, NONE, Likeness.NONE), (50.1, ONE, ONE, Likeness.NONE),
    (50, ONE, ONE, Likeness.SURE), (50, ONE, ONE | OTHER, Likeness.SURE), (1, ONE, OTHER, Likeness.NONE),
    (1, ONE, NONE, Likeness.SURE), (30, NONE, OTHER, Likeness.LIKELY)])
def test_place_and_plate_decide_together(distance_m, said, said_before, likeness):
    assert RULE.weigh(distance_m, said, said_before) is likeness


@pytest.mark.parametrize(("words", "plates"), [
    ("赣A12345 挡住通道", {"赣A12345"}), ("车牌赣 a·123 45", set()),
    ("赣A·D12345和京B-99999", {"赣AD12345", "京B99999"}),
    ("沪 c.88888", {"沪C88888"}), ("3栋旁，没有车牌", set()), ("赣江边", set())])
def test_plates_are_read_however_they_are_written(words, plates):
    assert plates_in(words) == plates
