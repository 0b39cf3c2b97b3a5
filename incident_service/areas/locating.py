"""Which areas a place lies in.

The atlas is built on first use, in the process that uses it, and replaced when the database has another edition.
"""

from collections.abc import Iterable
from operator import itemgetter
from threading import Lock
from time import monotonic
from typing import ClassVar
from uuid import UUID

from flask import current_app

from incident_service.areas import queries
from incident_service.areas.atlas import Atlas, Reach
from incident_service.areas.layers import Layer
from incident_service.areas.places import AreaName, Held, Place
from incident_service.foundation.loading import nothing_collected
from incident_service.foundation.problems import NotFound
from incident_service.foundation.words import Words, both

NEVER = float("-inf")


class UnknownArea(NotFound):
    """No area has this code."""

    slug: ClassVar[str] = "area-unknown"
    title: ClassVar[Words] = both("区域不存在", "There is no such area")


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
            with nothing_collected():
                self.atlas = _draw(edition.number if edition else 0)
            self.edition_id = edition.id if edition else None
        self.looked_at = began
        return self.atlas


def reach() -> Reach:
    """How far areas and desks reach in this city."""
    return Reach(current_app.config["AREA_TOLERANCE_M"], current_app.config["DESK_RADIUS_M"])


def locate(longitude: float, latitude: float) -> Place:
    """Find what answers for a WGS-84 place: its grid, beat and fire area, and the compound or public road it lies on.

    On a border the lowest code of a layer wins. A place outside every grid, beat or fire area belongs to the nearest
    one within AREA_TOLERANCE_M (never so for kinds of land); without a grid it goes to the nearest street within
    DESK_RADIUS_M, else to the nearest city.
    """
    return _atlas().locate(longitude, latitude)


def holding(places: Iterable[tuple[float, float]]) -> list[Held]:
    """What really holds each of these places (longitude, latitude; WGS 84), all by the same edition: no tolerance, no
    nearest neighbour. For what need not be dispatched."""
    atlas = _atlas()
    return [atlas.holding(*place) for place in places]


def name_of(code: str) -> str:
    """What the area with this code is called. Raises UnknownArea."""
    return path_of(code)[-1].name


def path_of(code: str) -> tuple[AreaName, ...]:
    """The area, also one that has ended, and what it lies in, from the city down. Raises UnknownArea."""
    path = _atlas().path(code)
    if not path:
        raise UnknownArea(both("没有编码为 {code} 的区域", "No area has the code {code}", code=code))
    return path


def is_known(code: str) -> bool:
    """Whether there is such an area, or was once: old cases and roles go on naming it."""
    return bool(_atlas().path(code))


def exists(code: str) -> bool:
    """Whether an area with this code is in force."""
    return code in _atlas().areas


def edition() -> int:
    """The number of the edition in force; 0 before the first import."""
    return _atlas().edition


def all_on(layer: Layer) -> list[AreaName]:
    """Every area of a layer that is in force, in no order that means anything."""
    return [area for area in _atlas().areas.values() if area.layer is layer]


def look_again() -> None:
    """Compare the atlas of this process with the database at the next question, however young it is."""
    _shelf().looked_at = NEVER


def _shelf() -> Shelf:
    extensions = current_app.extensions
    return extensions.get("areas") or extensions.setdefault("areas", Shelf())


def _atlas() -> Atlas:
    return _shelf().take(age_s_max=current_app.config["AREA_AGE_S_MAX"])


def _draw(edition: int) -> Atlas:
    """The atlas of what the database has now."""
    found = sorted(queries.all_areas(), key=itemgetter(0))
    drawn = [(area, shape) for area, shape in found if shape is not None]
    return Atlas(edition, [area for area, _ in drawn], [shape for _, shape in drawn], reach=reach(),
                 former=[area for area, shape in found if shape is None])
