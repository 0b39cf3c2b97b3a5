"""The areas of one edition in memory: which polygon holds a point, which is nearest, what everything is called."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import shapely

from incident_service.areas.features import Outline
from incident_service.areas.layers import Layer
from incident_service.areas.metres import plane_at


class Near(NamedTuple):
    """An area close to a point, and how far its border is (0 inside)."""

    code: str
    distance_m: float


class Sheet:
    """The polygons of one layer, in the order of their codes."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        ordered = sorted(outlines, key=lambda outline: outline.code)
        self.codes = [outline.code for outline in ordered]
        self.shapes = np.array([outline.shape for outline in ordered], dtype=object)
        self.tree = shapely.STRtree(self.shapes)

    def holding(self, longitude: float, latitude: float) -> list[str]:
        """Every area that holds the point or has it on its border, lowest code first."""
        found = self.tree.query(shapely.Point(longitude, latitude), predicate="intersects")
        return [self.codes[index] for index in sorted(found)]

    def nearest(self, longitude: float, latitude: float, *, within_m: float) -> Near | None:
        """The nearest area whose border is at most so far away; of equally near ones (to a millimetre) the
        lowest code."""
        plane = plane_at(longitude, latitude)
        found = np.sort(self.tree.query(plane.box(within_m)))
        if not len(found):
            return None
        distances_m = np.round(shapely.distance(plane.flatten(self.shapes[found]), shapely.Point(0, 0)), 3)
        best = int(np.argmin(distances_m))
        if distances_m[best] > within_m:
            return None
        return Near(self.codes[found[best]], float(distances_m[best]))

    def closest(self, longitude: float, latitude: float) -> str | None:
        """The area nearest in degrees, however far; None in an empty layer."""
        found = self.tree.nearest(shapely.Point(longitude, latitude))
        return None if found is None else self.codes[int(found)]


class Atlas:
    """Every area in force at one edition. Never changed once made, so threads may share it."""

    def __init__(self, edition: int, outlines: Mapping[str, Outline]) -> None:
        self.edition = edition
        self.names = {code: outline.name for code, outline in outlines.items()}
        self.sheets = {
            layer: Sheet(outline for outline in outlines.values() if outline.layer is layer) for layer in Layer
        }
