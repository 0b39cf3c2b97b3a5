"""WGS-84, GCJ-02 and BD-09: three names for one place, some 600 m apart when they are confused (DOMAIN §6)."""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, sin, sqrt

SEMI_MAJOR_AXIS_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
SHIFTED_LONGITUDES = (72.004, 137.8347)
SHIFTED_LATITUDES = (0.8293, 55.8271)
BD09_PI = pi * 3000 / 180
NEAR_ENOUGH_DEGREES = 1e-10                                 # a hundredth of a millimetre
STEPS_MAX = 10

Position = tuple[float, float]


class CoordinateSystem(StrEnum):
    """What a pair of degrees was measured in: phones give WGS-84, 高德 and 腾讯 GCJ-02, 百度 BD-09."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(longitude: float, latitude: float, system: CoordinateSystem) -> Position:
    """The same place in WGS-84 degrees, within a millimetre of what the public formula would have shifted."""
    if system is CoordinateSystem.BD09:
        longitude, latitude = bd09_to_gcj02(longitude, latitude)
    if system is CoordinateSystem.WGS84:
        return longitude, latitude
    return gcj02_to_wgs84(longitude, latitude)


def from_wgs84(longitude: float, latitude: float, system: CoordinateSystem) -> Position:
    """A WGS-84 place as `system` names it, for a map that expects it."""
    if system is CoordinateSystem.WGS84:
        return longitude, latitude
    longitude, latitude = wgs84_to_gcj02(longitude, latitude)
    if system is CoordinateSystem.BD09:
        return gcj02_to_bd09(longitude, latitude)
    return longitude, latitude


def wgs84_to_gcj02(longitude: float, latitude: float) -> Position:
    """The public shift formula; places outside its bounds are not shifted."""
    if not _is_shifted(longitude, latitude):
        return longitude, latitude
    east_m, north_m = _shift_m(longitude - 105.0, latitude - 35.0)
    sine = sin(latitude / 180 * pi)
    magic = 1 - ECCENTRICITY_SQUARED * sine * sine
    meridian_m = SEMI_MAJOR_AXIS_M * (1 - ECCENTRICITY_SQUARED) / (magic * sqrt(magic))
    parallel_m = SEMI_MAJOR_AXIS_M / sqrt(magic) * cos(latitude / 180 * pi)
    return longitude + east_m * 180 / (parallel_m * pi), latitude + north_m * 180 / (meridian_m * pi)


def gcj02_to_wgs84(longitude: float, latitude: float) -> Position:
    """The inverse of the shift, approached step by step; one step alone errs by 0.4 to 2.3 m."""
    return _undo(wgs84_to_gcj02, longitude, latitude)


def gcj02_to_bd09(longitude: float, latitude: float) -> Position:
    """百度's second shift on top of GCJ-02."""
    radius = hypot(longitude, latitude) + 0.00002 * sin(latitude * BD09_PI)
    angle = atan2(latitude, longitude) + 0.000003 * cos(longitude * BD09_PI)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def bd09_to_gcj02(longitude: float, latitude: float) -> Position:
    """The inverse of 百度's second shift, approached step by step."""
    return _undo(gcj02_to_bd09, longitude, latitude)


def _undo(shift: Callable[[float, float], Position], longitude: float, latitude: float) -> Position:
    """The place that `shift` moves to the one given; each step corrects by what the last one missed."""
    east, north = longitude, latitude
    for _ in range(STEPS_MAX):
        reached = shift(east, north)
        missed = longitude - reached[0], latitude - reached[1]
        east, north = east + missed[0], north + missed[1]
        if max(abs(missed[0]), abs(missed[1])) < NEAR_ENOUGH_DEGREES:
            break
    return east, north


def _is_shifted(longitude: float, latitude: float) -> bool:
    west, east = SHIFTED_LONGITUDES
    south, north = SHIFTED_LATITUDES
    return west <= longitude <= east and south <= latitude <= north


def _shift_m(x: float, y: float) -> Position:
    """How far the formula moves a place east and north, from its degrees east of 105° and north of 35°."""
    both = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    return east, north
