"""What can be said of a place: which areas answer for it, what kind of land it is, whose desk it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from incident_service.areas.layers import LAND, Land, Layer


class AreaName(NamedTuple):
    """What an area is called, and what kind it is."""

    code: str
    name: str
    layer: Layer


class Found(NamedTuple):
    """The area of one layer that answers for a place: 0 m away when it holds it; `on_border`: others do too."""

    area: AreaName
    distance_m: float
    on_border: bool


class Held(NamedTuple):
    """The smallest area that holds a place, and the beat; None where none does."""

    area: str | None
    beat: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a point lies: what was found on the layers that answer for points, or whose desk a place in no grid
    belongs to.

    `path` goes from the city down to the grid, or to the nearest street where there is no grid.
    """

    found: Mapping[Layer, Found]
    path: tuple[AreaName, ...]
    nearest_street: str | None
    edition: int

    @property
    def grid(self) -> str | None:
        """The code of the grid, if any."""
        return self.code_on(Layer.GRID)

    @property
    def beat(self) -> str | None:
        """The code of the beat, if any."""
        return self.code_on(Layer.BEAT)

    @property
    def fire_area(self) -> str | None:
        """The code of the fire service's area, if any."""
        return self.code_on(Layer.FIRE_AREA)

    @property
    def land(self) -> Land:
        """What kind of land it is. Where a compound touches a public road it is the compound."""
        return next((land for layer, land in LAND.items() if layer in self.found), Land.UNKNOWN)

    @property
    def area_code(self) -> str | None:
        """The area that answers for the place: the grid, else the nearest street, else the city, if any."""
        return self.path[-1].code if self.path else None

    def on(self, layer: Layer) -> Found | None:
        """What answers for the place on any layer: what was found there, or what the grid lies in, if any."""
        grid = self.found.get(Layer.GRID)
        if layer in self.found or grid is None:
            return self.found.get(layer)
        return next((grid._replace(area=area) for area in self.path if area.layer is layer), None)

    def code_on(self, layer: Layer) -> str | None:
        """The code of what answers for the place on a layer, if any."""
        if layer in self.found:
            return self.found[layer].area.code
        upper = self.path if Layer.GRID in self.found else ()
        return next((area.code for area in upper if area.layer is layer), None)
