"""The ground cut into squares, so that what lies near a point is found without looking at all the rest."""

from collections.abc import Iterator
from math import cos, radians
from typing import NamedTuple

METRES_PER_DEGREE = 111_195.0
TILE, BLOCK = 0.003, 0.016                              # degrees: some 300 and 1,700 metres
ROW = 1_000_000                                         # more squares than there are around the earth
TILES_UP_TO_M, BLOCKS_UP_TO_M = 400, 3_000


class Box(NamedTuple):
    """Degrees that hold a circle."""

    west: float
    south: float
    east: float
    north: float


def square(longitude: float, latitude: float, size: float) -> int:
    """The number of the square of `size` degrees that holds a point."""
    return int((latitude + 90) / size) * ROW + int((longitude + 180) / size)


def metres_per_degree_east(latitude: float) -> float:
    """How long a degree of longitude is here; never nothing, not even at a pole."""
    return max(METRES_PER_DEGREE * cos(radians(latitude)), 1.0)


def box_around(longitude: float, latitude: float, metres: float) -> Box:
    """The box around a circle."""
    east, north = metres / metres_per_degree_east(latitude), metres / METRES_PER_DEGREE
    return Box(longitude - east, latitude - north, longitude + east, latitude + north)


def squares_around(longitude: float, latitude: float, metres: float, size: float) -> Iterator[int]:
    """The squares of `size` degrees that a circle touches."""
    east = metres_per_degree_east(latitude)
    for number in squares_of(box_around(longitude, latitude, metres), size):
        south, west = number // ROW * size - 90, number % ROW * size - 180
        x = max(west - longitude, longitude - west - size, 0) * east
        y = max(south - latitude, latitude - south - size, 0) * METRES_PER_DEGREE
        if x * x + y * y <= metres * metres:
            yield number


def squares_of(box: Box, size: float) -> Iterator[int]:
    """The squares of `size` degrees that a box touches."""
    first, last = square(box.west, box.south, size), square(box.east, box.north, size)
    for row in range(first // ROW, last // ROW + 1):
        for column in range(first % ROW, last % ROW + 1):
            yield row * ROW + column
