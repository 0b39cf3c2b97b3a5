"""Small repairs of areas that nearly fit: what sticks out is cut off, what is shared goes to the lower code, what is
left over to the grid beside it. What would take or give more than a fiftieth of an area is for a person to redraw."""

from collections.abc import Set
from itertools import islice

import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.geometry import OVERLAPS_MAX, World, gaps, is_wide, outside, overlaps
from incident_service.areas.layers import Layer, parent_of
from incident_service.areas.outlines import Outline, polygons_of

SHARE_MAX = 0.02
BESIDE_DEGREES = 1e-8                                       # a millimetre


def mend(world: World, own: Set[str]) -> dict[str, Outline]:
    """The world with the areas `own` repaired as far as small repairs go; no other area is touched."""
    mended = dict(world)
    _clip(mended, own)
    _cut(mended, own)
    _fill(mended, own)
    return mended


def _clip(world: dict[str, Outline], own: Set[str]) -> None:
    for code in sorted(own):
        area, parent = world[code], world.get(parent_of(code) or "")
        if area.layer is Layer.GRID and parent and is_wide(beyond := outside(area, parent)) and _is_small(beyond, area):
            world[code] = area.shaped(area.shape.intersection(parent.shape))


def _cut(world: dict[str, Outline], own: Set[str]) -> None:
    for one, other, shared in list(islice(overlaps(world, own), OVERLAPS_MAX)):
        loser = other if other.code in own else one
        if _is_small(shared, one) and _is_small(shared, other):
            keeper = one if loser is other else other
            world[loser.code] = world[loser.code].shaped(world[loser.code].shape.difference(world[keeper.code].shape))


def _fill(world: dict[str, Outline], own: Set[str]) -> None:
    for community, gap in list(gaps(world, own, Layer.GRID)):
        grids = [world[code] for code in sorted(own) if parent_of(code) == community]
        for part in shapely.get_parts(polygons_of(gap)):
            touching = {grid.code: _shared(part, grid) for grid in grids}
            nearest = max(touching, key=lambda code: touching[code], default=None)
            if nearest and touching[nearest] and _is_small(part, world[nearest]):
                world[nearest] = world[nearest].shaped(world[nearest].shape.union(part))


def _shared(part: BaseGeometry, grid: Outline) -> float:
    """How much border they have in common: the surface of a hair's breadth around the part that lies in the grid."""
    if not part.intersects(grid.shape):
        return 0.0
    return float(part.buffer(BESIDE_DEGREES).intersection(grid.shape).area)


def _is_small(piece: BaseGeometry, area: Outline) -> bool:
    return bool(piece.area <= SHARE_MAX * area.shape.area)
