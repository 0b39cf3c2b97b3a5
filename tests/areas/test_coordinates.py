"""The three coordinate systems, against published pairs and against each other."""

import csv
from math import cos, hypot, radians
from pathlib import Path

import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_service.areas.coordinates import CoordinateSystem, from_wgs84, to_wgs84

PAIRS = Path(__file__).parents[3] / "shared/data/nanchang/wgs84-gcj02-pairs.csv"
SYSTEMS = {"WGS84": CoordinateSystem.WGS84, "GCJ02": CoordinateSystem.GCJ02, "BD09": CoordinateSystem.BD09}
NANCHANG = (115.93, 28.69)


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[0] - other[0]) * 111_320 * cos(radians(one[1]))
    return hypot(east, (one[1] - other[1]) * 110_800)


def published_pairs() -> list[dict[str, str]]:
    if not PAIRS.exists():
        return []
    with PAIRS.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.skipif(not PAIRS.exists(), reason="the published pairs are not beside this checkout")
def test_published_pairs_agree():
    for pair in published_pairs():
        here = to_wgs84(float(pair["lon"]), float(pair["lat"]), SYSTEMS[pair["from"]])
        there = from_wgs84(*here, SYSTEMS[pair["to"]])
        tolerance_m = 0.001 if pair["from"] == "WGS84" else 1.5        # the published inverses take one step
        assert metres_between(there, (float(pair["to_lon"]), float(pair["to_lat"]))) < tolerance_m, pair


def test_a_known_place_in_beijing_moves_as_published():
    assert from_wgs84(116.404, 39.915, CoordinateSystem.GCJ02) == pytest.approx(
        (116.41024449916938, 39.91640428150164), abs=1e-12)


@pytest.mark.parametrize(("place", "metres"), [(NANCHANG, 605), ((116.39, 39.91), 555), ((121.47, 31.23), 481)])
def test_confusing_wgs84_with_gcj02_moves_a_point_by_half_a_kilometre(place, metres):
    assert metres_between(place, from_wgs84(*place, CoordinateSystem.GCJ02)) == pytest.approx(metres, rel=0.02)


@given(st.floats(72.1, 137.7), st.floats(0.93, 55.7), st.sampled_from(CoordinateSystem))
def test_there_and_back_is_the_same_place_within_a_centimetre(longitude, latitude, system):
    back = to_wgs84(*from_wgs84(longitude, latitude, system), system)
    assert metres_between(back, (longitude, latitude)) < 0.01


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_nothing_is_shifted_outside_the_bounds(longitude, latitude):
    if 72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271:
        return
    assert from_wgs84(longitude, latitude, CoordinateSystem.GCJ02) == (longitude, latitude)


def test_wgs84_is_left_exactly_as_it_came():
    assert to_wgs84(*NANCHANG, CoordinateSystem.WGS84) == NANCHANG


@given(st.floats(72.1, 137.7), st.floats(0.93, 55.7))
def test_an_independent_library_agrees_both_ways_within_a_centimetre(longitude, latitude):
    theirs = prcoords.wgs_gcj((latitude, longitude), False)
    assert from_wgs84(longitude, latitude, CoordinateSystem.GCJ02) == pytest.approx((theirs.lon, theirs.lat), abs=1e-9)
    theirs = prcoords.wgs_bd((latitude, longitude), False)
    assert from_wgs84(longitude, latitude, CoordinateSystem.BD09) == pytest.approx((theirs.lon, theirs.lat), abs=1e-9)
    for shift, system in ((prcoords.wgs_gcj, CoordinateSystem.GCJ02), (prcoords.wgs_bd, CoordinateSystem.BD09)):
        east, north = to_wgs84(longitude, latitude, system)             # its own inverse stops a centimetre short
        there = shift((north, east), False)
        assert metres_between((there.lon, there.lat), (longitude, latitude)) < 0.01
