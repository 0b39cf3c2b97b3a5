"""Which grid and which beat a place lies in.

The atlas is built on first use, in the process that uses it, and replaced when the database has another edition.
"""

from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import ClassVar
from uuid import UUID

from flask import current_app

from incident_service.areas import queries
from incident_service.areas.atlas import Atlas, Near, Sheet
from incident_service.areas.layers import Layer, layer_of, lineage
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
class Place:
    """Where a point lies: its grid and beat, or whose desk a place outside every grid belongs to.

    `path` goes from the city down to the grid, or to the nearest street where there is no grid. `distance_m` is 0
    inside the grid and None without one. `on_border`: more than one grid, or beat, has the point.
    """

    grid: str | None
    beat: str | None
    path: tuple[AreaName, ...]
    nearest_street: str | None
    edition: int
    on_border: bool
    distance_m: float | None

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
    grid, grids = _find(atlas.sheets[Layer.GRID], longitude, latitude)
    beat, beats = _find(atlas.sheets[Layer.BEAT], longitude, latitude)
    street = None if grid else _nearest_street(atlas, longitude, latitude)
    owner = grid.code if grid else street or atlas.sheets[Layer.CITY].closest(longitude, latitude)
    return Place(
        grid=grid.code if grid else None, beat=beat.code if beat else None, nearest_street=street,
        path=_path(atlas, owner) if owner else (), edition=atlas.edition,
        on_border=grids > 1 or beats > 1, distance_m=grid.distance_m if grid else None,
    )


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


def _find(sheet: Sheet, longitude: float, latitude: float) -> tuple[Near | None, int]:
    """The area for a place within the tolerance, and how many hold it."""
    holding = sheet.holding(longitude, latitude)
    if holding:
        return Near(holding[0], 0.0), len(holding)
    return sheet.nearest(longitude, latitude, within_m=current_app.config["AREA_TOLERANCE_M"]), 0


def _nearest_street(atlas: Atlas, longitude: float, latitude: float) -> str | None:
    near = atlas.sheets[Layer.STREET].nearest(longitude, latitude, within_m=current_app.config["DESK_RADIUS_M"])
    return near.code if near else None


def _path(atlas: Atlas, code: str) -> tuple[AreaName, ...]:
    return tuple(
        AreaName(each, atlas.names[each], layer) for each in lineage(code) if (layer := layer_of(each)) is not None
    )
