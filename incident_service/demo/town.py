"""Drawing the demo town: every area is a block of one jittered lattice, so all of them share their corners exactly.

The lattice has LINES × LINES corners. A grid is two cells wide and high; a community is three grids by two; a street
is one column of communities. Beats are cut along odd lines, through the middle of grids.
"""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

MIDDLE = (115.9300, 28.6900)
CELL_M = 120.0
CELLS = 12
JITTER_M = 30.0
SEED = 20211219                                             # the day the story was printed
EAST_M, NORTH_M = 97_728.0, 110_831.0                       # a degree, here
DECIMALS = 7

CITY = ("3601", "南昌市")
DISTRICT = ("360111", "青山湖区（演示）")
STREETS = ("樟荫街道", "湖岸街道")
COMMUNITIES = (("明德里社区", "向阳社区", "桂花园社区"), ("清波社区", "书院社区", "北苑社区"))
BEATS = ("第一责任区", "第二责任区", "第三责任区", "第四责任区")
BEAT_CUTS = (7, 5)                                          # the odd lines, from the west and from the south


class Block(NamedTuple):
    """Lines that bound a rectangular block of cells: from west to east, from south to north."""

    west: int
    east: int
    south: int
    north: int


Corner = tuple[float, float]


def collection() -> dict[str, Any]:
    """The whole town as one GeoJSON FeatureCollection in WGS-84: city, district, streets, communities, grids, beats."""
    corners = _corners()
    return {
        "type": "FeatureCollection",
        "name": "demo-town",
        "coordinate_system": "wgs84",
        "features": [_feature(code, name, block, corners) for code, name, block in _areas()],
    }


def write(path: Path) -> Path:
    """Write the town to a file that `flask areas import` takes."""
    path.write_text(json.dumps(collection(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _areas() -> Iterator[tuple[str, str, Block]]:
    whole = Block(0, CELLS, 0, CELLS)
    yield *CITY, whole
    yield *DISTRICT, whole
    yield from _beats()
    for column, street in enumerate(STREETS):
        code = f"{DISTRICT[0]}{column + 1:03d}"
        west = column * CELLS // 2
        yield code, street, Block(west, west + CELLS // 2, 0, CELLS)
        for row, community in enumerate(COMMUNITIES[column]):
            south = row * CELLS // 3
            block = Block(west, west + CELLS // 2, south, south + CELLS // 3)
            yield f"{code}{row + 1:03d}", community, block
            yield from _grids(f"{code}{row + 1:03d}", community, block)


def _grids(parent: str, community: str, block: Block) -> Iterator[tuple[str, str, Block]]:
    places = product(range(block.south, block.north, 2), range(block.west, block.east, 2))
    for number, (south, west) in enumerate(places, start=1):
        yield f"{parent}{number:03d}", f"{community}第{number}网格", Block(west, west + 2, south, south + 2)


def _beats() -> Iterator[tuple[str, str, Block]]:
    across, along = (0, BEAT_CUTS[0], CELLS), (0, BEAT_CUTS[1], CELLS)
    for number, (row, column) in enumerate(product((0, 1), (0, 1))):
        block = Block(across[column], across[column + 1], along[row], along[row + 1])
        yield f"{DISTRICT[0]}J{number + 1:02d}", BEATS[number], block


def _corners() -> dict[tuple[int, int], Corner]:
    """Where the corner of line `column` from the west and line `row` from the south lies, in degrees."""
    chance = Random(SEED)
    return {
        (column, row): (
            round(MIDDLE[0] + _offset_m(column, chance) / EAST_M, DECIMALS),
            round(MIDDLE[1] + _offset_m(row, chance) / NORTH_M, DECIMALS),
        )
        for column, row in product(range(CELLS + 1), repeat=2)
    }


def _offset_m(line: int, chance: Random) -> float:
    """Half a cell is added so that the middle of the town lies inside a cell, not on a corner."""
    return (line - CELLS / 2 + 0.5) * CELL_M + chance.uniform(-JITTER_M, JITTER_M)


def _feature(code: str, name: str, block: Block, corners: dict[tuple[int, int], Corner]) -> dict[str, Any]:
    ring = [corners[place] for place in _around(block)]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": name},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


def _around(block: Block) -> Iterator[tuple[int, int]]:
    """Every corner on the border of a block, counter-clockwise from the south-west."""
    west, east, south, north = block
    yield from ((column, south) for column in range(west, east))
    yield from ((east, row) for row in range(south, north))
    yield from ((column, north) for column in range(east, west, -1))
    yield from ((west, row) for row in range(north, south, -1))
