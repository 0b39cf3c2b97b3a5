"""The areas of one edition in memory: which polygons hold a point, which is nearest, what everything is called."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.layers import DIGITS, LAND, RESPONSIBLE, Layer, parent_of
from incident_service.areas.metres import plane_at
from incident_service.areas.places import AreaName, Found, Held, Place

ASKED_OF_POINTS = (*RESPONSIBLE, *LAND)
UPPER = DIGITS.keys() - {Layer.GRID}


class Near(NamedTuple):
    """An area close to a point, and how far its border is (0 inside)."""

    area: AreaName
    distance_m: float


@dataclass(frozen=True)
class Reach:
    """How far outside a grid, beat or fire area a place still belongs to it, and how far a street's desk reaches."""

    tolerance_m: float
    desk_radius_m: float


class Sheet:
    """Polygons that are searched together, in the order of their codes."""

    def __init__(self, areas: Sequence[AreaName], shapes: np.ndarray, layers: Container[Layer]) -> None:
        chosen = [at for at, area in enumerate(areas) if area.layer in layers]
        self.areas = [areas[at] for at in chosen]
        self.shapes = shapes[chosen]
        self.tree = shapely.STRtree(self.shapes)

    def holding(self, longitude: float, latitude: float) -> list[AreaName]:
        """Every area that holds the point or has it on its border, lowest code first."""
        found = self.tree.query(shapely.Point(longitude, latitude), predicate="intersects").tolist()
        return [self.areas[index] for index in sorted(found)]

    def nearest(self, longitude: float, latitude: float, layer: Layer, *, within_m: float) -> Near | None:
        """The nearest area of a layer whose border is at most so far away; of equally near ones (to a millimetre)
        the lowest code."""
        plane = plane_at(longitude, latitude)
        found = [at for at in np.sort(self.tree.query(plane.box(within_m))) if self.areas[at].layer is layer]
        if not found:
            return None
        distances_m = np.round(shapely.distance(plane.flatten(self.shapes[found]), shapely.Point(0, 0)), 3)
        best = int(np.argmin(distances_m))
        if distances_m[best] > within_m:
            return None
        return Near(self.areas[found[best]], float(distances_m[best]))

    def closest(self, longitude: float, latitude: float) -> AreaName | None:
        """The area nearest in degrees, however far; None in an empty sheet."""
        found = self.tree.nearest(shapely.Point(longitude, latitude))
        return None if found is None else self.areas[int(found)]


class Atlas:
    """Every area in force at one edition, and the names of `former` ones. Never changed once made, so threads may
    share it.

    What may hold a point lies on one sheet: one search answers for grid, beat, fire area and land together.
    """

    def __init__(self, edition: int, areas: Sequence[AreaName], shapes: Iterable[BaseGeometry], *, reach: Reach,
                 former: Iterable[AreaName] = ()) -> None:
        """`shapes` are those of `areas`, which stand in the order of their codes."""
        self.edition, self.reach = edition, reach
        self.former = {area.code: area for area in former}
        self.areas = {area.code: area for area in areas}
        polygons = np.fromiter(shapes, dtype=object, count=len(areas))
        self.places = Sheet(areas, polygons, ASKED_OF_POINTS)
        self.upper = Sheet(areas, polygons, UPPER)
        self.cities = Sheet(areas, polygons, {Layer.CITY})
        drawn = {area.layer for area in self.places.areas}
        self.responsible = [layer for layer in RESPONSIBLE if layer in drawn]
        self.paths: dict[str, tuple[AreaName, ...]] = {}            # of what has areas in it; a parent's code is lower
        for area in sorted(each for each in (*areas, *self.former.values()) if each.layer in UPPER):
            self.paths[area.code] = (*self._above(area.code), area)

    def holding(self, longitude: float, latitude: float) -> Held:
        """The smallest area of the tree that holds a place, and the beat that does; on a border the lowest codes."""
        here = self.places.holding(longitude, latitude)
        nested = [area.code for area in here if area.layer is Layer.GRID] or [
            area.code for area in self.upper.holding(longitude, latitude)]
        beats = [area.code for area in here if area.layer is Layer.BEAT]
        return Held(min(nested, key=lambda code: (-len(code), code), default=None), min(beats, default=None))

    def locate(self, longitude: float, latitude: float) -> Place:
        """Where a WGS-84 place lies. On a border the lowest code of a layer wins; outside every polygon the nearest
        within the tolerance. Without a grid it goes to the nearest street in reach, else to the nearest city."""
        found: dict[Layer, Found] = {}
        for area in self.places.holding(longitude, latitude):
            first = found.get(area.layer)
            found[area.layer] = first._replace(on_border=True) if first else Found(area, 0.0, on_border=False)
        for layer in self.responsible:
            if layer not in found and (near := self.places.nearest(
                    longitude, latitude, layer, within_m=self.reach.tolerance_m)):
                found[layer] = Found(*near, on_border=False)
        if grid := found.get(Layer.GRID):
            return Place(found, self.path(grid.area.code), None, self.edition)
        return self._nobodys(longitude, latitude, found)

    def path(self, code: str) -> tuple[AreaName, ...]:
        """The area and what it lies in, from the city down; empty when there never was one."""
        area = self.areas.get(code) or self.former.get(code)
        return (*self._above(code), area) if area else ()

    def _above(self, code: str) -> tuple[AreaName, ...]:
        return self.paths.get(parent_of(code) or "", ())

    def _nobodys(self, longitude: float, latitude: float, found: dict[Layer, Found]) -> Place:
        street = self.upper.nearest(longitude, latitude, Layer.STREET, within_m=self.reach.desk_radius_m)
        owner = street.area if street else self.cities.closest(longitude, latitude)
        return Place(found, self.path(owner.code) if owner else (), street.area.code if street else None, self.edition)
