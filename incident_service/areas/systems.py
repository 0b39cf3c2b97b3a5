"""Noticing a file that was drawn in another coordinate system than it is said to be: read so it lies half a kilometre
beside what it must lie in, read otherwise it fits."""

from collections.abc import Callable, Iterable

from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.geometry import World
from incident_service.areas.layers import parent_of
from incident_service.areas.outlines import Outline

LOOKED_AT_MAX = 200
MISFIT_MIN, BETTER = 0.02, 0.25
Reader = Callable[[CoordinateSystem], list[Outline]]


def seems_drawn_in(read: Reader, outlines: list[Outline], before: World, system: CoordinateSystem) -> (
        CoordinateSystem | None):
    """The other system in which the areas would fit what is in force far better; None when they fit, or none does."""
    misfit = _misfit(outlines, before)
    if misfit <= MISFIT_MIN:
        return None
    others = {other: _misfit(read(other), before) for other in CoordinateSystem if other is not system}
    best = min(others, key=lambda other: others[other])
    return best if others[best] < BETTER * misfit else None


def _misfit(outlines: Iterable[Outline], before: World) -> float:
    """Which share of the areas lies elsewhere than the shapes they had, or outside the parents they have."""
    known = [(area, before[code]) for area in outlines
             if (code := area.code if area.code in before else parent_of(area.code) or "") in before][:LOOKED_AT_MAX]
    beyond = sum(area.shape.difference(there.shape).area for area, there in known)
    return beyond / (sum(area.shape.area for area, _ in known) or 1.0)
