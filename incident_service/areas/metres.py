"""Metres around a place: a flat plane laid on the WGS-84 ellipsoid, true to a few parts in ten thousand nearby."""

from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

EQUATOR_M = 6378137.0
MEAN_RADIUS_M = 6371008.8
ECCENTRICITY_SQUARED = 0.00669437999014


class Plane(NamedTuple):
    """A place, and how many metres a degree is there, east and north."""

    longitude: float
    latitude: float
    east_m: float
    north_m: float

    def flatten(self, shape: Any) -> Any:
        """A shape (or an array of them) in metres east and north of the place."""
        return shapely.transform(shape, lambda degrees: (degrees - self[:2]) * self[2:])

    def box(self, radius_m: float) -> BaseGeometry:
        """The degrees that lie within `radius_m` to each side."""
        east, north = radius_m / self.east_m, radius_m / self.north_m
        return shapely.box(self.longitude - east, self.latitude - north, self.longitude + east, self.latitude + north)


def plane_at(longitude: float, latitude: float) -> Plane:
    """The plane that touches the ellipsoid at this place (degrees, short of the poles)."""
    squared = 1 - ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    parallel_m = EQUATOR_M / sqrt(squared) * cos(radians(latitude))
    meridian_m = EQUATOR_M * (1 - ECCENTRICITY_SQUARED) / (squared * sqrt(squared))
    return Plane(longitude, latitude, radians(parallel_m), radians(meridian_m))


def plane_of(shape: BaseGeometry) -> Plane:
    """The plane that touches the ellipsoid in the middle of a shape."""
    middle = shapely.centroid(shapely.envelope(shape))
    return plane_at(middle.x, middle.y)


def widths_m(shape: BaseGeometry) -> np.ndarray:
    """How wide each polygon in a shape is on average: a sliver is thin however long it is. Lines do not count."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.area(parts) > 0]
    if not len(parts):
        return np.zeros(0)
    flat = plane_of(shape).flatten(parts)
    return 2 * shapely.area(flat) / shapely.length(flat)


def area_m2(shape: BaseGeometry) -> float:
    """The size of a shape in square metres."""
    return float(shapely.area(plane_of(shape).flatten(shape)))


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two places (longitude, latitude), anywhere on the globe, to half a percent."""
    (west, south), (east, north) = ((radians(degrees) for degrees in place) for place in (one, other))
    half = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return 2 * MEAN_RADIUS_M * asin(min(1.0, sqrt(half)))
