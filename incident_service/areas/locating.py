"""Which grid and which beat a place lies in.

The atlas is built on first use, in the process that uses it, and replaced when the database has another edition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import ClassVar, NamedTuple
from uuid import UUID

from flask import current_app

from incident_service.areas import queries
from incident_service.areas.atlas import Atlas, Near
from incident_service.areas.layers import DIGITS, Layer, layer_of, lineage
from incident_service.foundation.problems import NotFound
from incident_service.foundation.words import Words, both

NEVER = float("-inf")

class UnknownArea(NotFound):
    """No area has this code."""

    slug: ClassVar[str] = "area-unknown"
    title: ClassVar[Words] = both("区域不存在", "There is no such area")


@dataclass(frozen=True)
class AreaName:
    """What an area is called, and what kind it is."""

    code: str
    name: str
    layer: Layer


@dataclass(frozen=True)
class Found:
    """The area of one layer that answers for a point: 0 m away when it holds it; `on_border`: others do too."""

    area: AreaName
    distance_m: float
    on_border: bool


@dataclass(frozen=True)
class Place:
    """Where a point lies: what was found on the layers of grids and beats, or whose desk a place in no grid belongs to.

    `path` goes from the city down to the grid, or to the nearest street where there is no grid.
    """

    found: Mapping[Layer, Found]
    path: tuple[AreaName, ...]
    nearest_street: str | None
    edition: int

    @property
    def grid(self) -> str | None:
        """The code of the grid, if any."""
        return self._code(Layer.GRID)

    @property
    def beat(self) -> str | None:
        """The code of the beat, if any."""
        return self._code(Layer.BEAT)

    def _code(self, layer: Layer) -> str | None:
        return self.found[layer].area.code if layer in self.found else None

    @property
    def area_code(self) -> str | None:
        """The area that answers for the place: the grid, else the nearest street, else the city, if any."""
        return self.path[-1].code if self.path else None


class Shelf:
    """Where a process keeps its atlas."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.atlas: Atlas | None = None
        self.edition_id: UUID | None = None
        self.looked_at = NEVER

    def take(self, *, age_s_max: float) -> Atlas:
        """The atlas, compared with the database when the last look is too old. While one thread replaces it,
        the others go on with the one they have."""
        atlas = self.atlas
        if atlas is None:
            with self.lock:
                return self._look()
        if monotonic() - self.looked_at < age_s_max or not self.lock.acquire(blocking=False):
            return atlas
        try:
            return self._look()
        finally:
            self.lock.release()

    def _look(self) -> Atlas:
        """The edition is read before the shapes: an import in between is noticed at the next look."""
        began = monotonic()
        edition = queries.latest_edition()
        if self.atlas is None or self.edition_id != (edition.id if edition else None):
            self.atlas = Atlas(edition.number if edition else 0, queries.outlines_in_force())
            self.edition_id = edition.id if edition else None
        self.looked_at = began
        return self.atlas


def locate(longitude: float, latitude: float) -> Place:
    """Find the grid and the beat of a WGS-84 place.

    On a border the lowest code wins. A place outside every polygon belongs to the nearest one within
    AREA_TOLERANCE_M; without a grid it goes to the nearest street within DESK_RADIUS_M, else to the nearest city.
    """
    atlas = _atlas()
    found = {layer: each for layer in (Layer.GRID, Layer.BEAT) if (each := _find(atlas, layer, longitude, latitude))}
    grid = found.get(Layer.GRID)
    street = None if grid else _nearest_street(atlas, longitude, latitude)
    owner = grid.area.code if grid else street or atlas.sheets[Layer.CITY].closest(longitude, latitude)
    return Place(found=found, path=_path(atlas, owner) if owner else (), nearest_street=street, edition=atlas.edition)


class Held(NamedTuple):
    """The smallest area that holds a place, and the beat; None where none does."""

    area: str | None
    beat: str | None


def holding(longitude: float, latitude: float) -> Held:
    """What really holds a WGS-84 place: no tolerance, no nearest neighbour. For what need not be dispatched."""
    sheets = _atlas().sheets
    held = (sheets[layer].holding(longitude, latitude) for layer in (*reversed(DIGITS), Layer.BEAT))
    *nested, beat = [codes[0] if codes else None for codes in held]
    return Held(next(filter(None, nested), None), beat)


def name_of(code: str) -> str:
    """What the area with this code is called. Raises UnknownArea."""
    return path_of(code)[-1].name


def path_of(code: str) -> tuple[AreaName, ...]:
    """The area and what it lies in, from the city down. Raises UnknownArea."""
    atlas = _atlas()
    if code not in atlas.names:
        raise UnknownArea(both("没有编码为 {code} 的区域", "No area has the code {code}", code=code))
    return _path(atlas, code)


def exists(code: str) -> bool:
    """Whether an area with this code is in force."""
    return code in _atlas().names


def look_again() -> None:
    """Compare the atlas of this process with the database at the next question, however young it is."""
    _shelf().looked_at = NEVER


def _shelf() -> Shelf:
    shelf: Shelf = current_app.extensions.setdefault("areas", Shelf())
    return shelf


def _atlas() -> Atlas:
    return _shelf().take(age_s_max=current_app.config["AREA_AGE_S_MAX"])


def _find(atlas: Atlas, layer: Layer, longitude: float, latitude: float) -> Found | None:
    """The area of a layer for a place: the one that holds it, else the nearest within the tolerance."""
    holding = atlas.sheets[layer].holding(longitude, latitude)
    near = Near(holding[0], 0.0) if holding else atlas.sheets[layer].nearest(
        longitude, latitude, within_m=current_app.config["AREA_TOLERANCE_M"])
    if near is None:
        return None
    return Found(AreaName(near.code, atlas.names[near.code], layer), near.distance_m, on_border=len(holding) > 1)


def _nearest_street(atlas: Atlas, longitude: float, latitude: float) -> str | None:
    near = atlas.sheets[Layer.STREET].nearest(longitude, latitude, within_m=current_app.config["DESK_RADIUS_M"])
    return near.code if near else None


def _path(atlas: Atlas, code: str) -> tuple[AreaName, ...]:
    return tuple(
        AreaName(each, atlas.names[each], layer) for each in lineage(code) if (layer := layer_of(each)) is not None
    )
