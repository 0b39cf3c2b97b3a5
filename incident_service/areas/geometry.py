"""Whether areas fit together: no overlaps within a layer, no gaps between grids, every area in its parent.

Slivers thinner than SLIVER_M are what drawing tools leave behind and count as fitting.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.findings import Fault, Finding
from incident_service.areas.layers import LAND, NAMES, Layer, parent_of
from incident_service.areas.metres import area_m2, widths_m
from incident_service.areas.outlines import Outline
from incident_service.foundation.words import both

SLIVER_M = 0.1
DISJOINT = (*({layer} for layer in Layer if layer not in LAND), set(LAND))      # land is of one kind
FILLED = {Layer.DISTRICT: Layer.CITY, Layer.STREET: Layer.DISTRICT, Layer.COMMUNITY: Layer.STREET,
          Layer.BEAT: Layer.DISTRICT, Layer.FIRE_AREA: Layer.DISTRICT}          # in the end, though drawn bit by bit
ASKED_AT_ONCE, SHARED_AT_ONCE, OVERLAPS_MAX = 64, 10_000, 1_000
World = Mapping[str, Outline]


class Overlap(NamedTuple):
    """What two areas of one layer share."""

    one: Outline
    other: Outline
    shared: BaseGeometry


def check_fit(world: World, *, changed: Set[str], retired: Set[str] = frozenset()) -> list[Finding]:
    """What would be wrong in `world` (every area by its code) because of the changed and the retired areas; shapes
    are valid."""
    near = changed | {code for code in world if parent_of(code) in changed}
    findings = list(_orphans(world, changed, retired))
    findings.extend(Finding(Fault.OVERLAP, one.label, both(
        "与 {other} 重叠 {size} 平方米", "It overlaps {other} by {size} m²", other=other.label, size=_size(shared)))
        for one, other, shared in sorted(islice(overlaps(world, changed), OVERLAPS_MAX), key=_codes))
    findings.extend(_outsiders(world, near))
    findings.extend(Finding(Fault.GAP, world[code].label, both(
        "有 {size} 平方米未划入任何网格（{longitude:.6f}, {latitude:.6f} 附近）",
        "{size} m² of it belong to no grid (near {longitude:.6f}, {latitude:.6f})", **_where(gap)))
        for code, gap in gaps(world, near | retired, Layer.GRID))
    return findings


def remarks(world: World, *, changed: Set[str], retired: Set[str] = frozenset()) -> list[Finding]:
    """What may be meant, as a city is drawn bit by bit: areas that the next smaller ones, or beats and fire areas,
    do not fill."""
    remarks = []
    for layer, upper in FILLED.items():
        concerned = {code for code in changed | retired if code not in world or world[code].layer in (layer, upper)}
        remarks += [Finding(Fault.GAP, world[code].label, both(
            "有 {size} 平方米未划入任何{layer}（{longitude:.6f}, {latitude:.6f} 附近）",
            "{size} m² of it belong to no {layer} (near {longitude:.6f}, {latitude:.6f})",
            layer=NAMES[layer], **_where(gap))) for code, gap in gaps(world, concerned, layer)]
    return remarks


def overlaps(world: World, changed: Set[str]) -> Iterator[Overlap]:
    """Every pair of areas that share more than a sliver and must not, at least one of them changed; the lower code
    comes first. Looked for in portions: in a file that is wrong all may overlap all."""
    for layers in DISJOINT:
        areas = sorted((area for area in world.values() if area.layer in layers), key=attrgetter("code"))
        shapes = np.array([area.shape for area in areas], dtype=object)
        is_changed = np.array([area.code in changed for area in areas], dtype=bool)
        tree = shapely.STRtree(shapes)
        for touched in _portions(np.flatnonzero(is_changed), ASKED_AT_ONCE):
            asked, met = tree.query(shapes[touched], predicate="intersects")
            pairs = np.sort(np.column_stack((touched[asked], met)), axis=1)
            once = (touched[asked] < met) | ((touched[asked] > met) & ~is_changed[met])
            for some in _portions(pairs[once], SHARED_AT_ONCE):
                shared = shapely.intersection(shapes[some[:, 0]], shapes[some[:, 1]])
                for at in np.flatnonzero(shapely.area(shared) > 0):
                    if is_wide(shared[at]):
                        yield Overlap(areas[some[at, 0]], areas[some[at, 1]], shared[at])


def _portions(found: np.ndarray, size: int) -> Iterator[np.ndarray]:
    return (found[start:start + size] for start in range(0, len(found), size))


def gaps(world: World, near: Iterable[str], layer: Layer) -> Iterator[tuple[str, BaseGeometry]]:
    """Places in the areas `near`, or around them in the same parent, that no area of `layer` holds. What has none of
    them at all is not divided yet."""
    divided = {code for each in near for code in (each, parent_of(each)) if code in world}
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    for area in world.values():
        if area.layer is layer and (parent := parent_of(area.code) or "") in divided:
            parts[parent].append(area.shape)
    for code in sorted(parts):
        gap = world[code].shape.difference(shapely.union_all(parts[code]))
        if is_wide(gap):
            yield code, gap


def outside(area: Outline, parent: Outline) -> BaseGeometry:
    """What sticks out of the parent."""
    return area.shape.difference(parent.shape)


def is_wide(shape: BaseGeometry) -> bool:
    """Whether it is more than the slivers that drawing tools leave behind."""
    return bool((widths_m(shape) > SLIVER_M).any())


def _codes(overlap: Overlap) -> tuple[str, str]:
    return overlap.one.code, overlap.other.code


def _orphans(world: World, changed: Collection[str], retired: Set[str]) -> Iterator[Finding]:
    left = {code for code in world if parent_of(code) in retired} if retired else set()
    for code in sorted({*changed, *left}):
        parent = parent_of(code)
        if parent and parent not in world:
            yield Finding(Fault.MISSING_PARENT, world[code].label,
                          both("上级区域 {parent} 不存在", "Its parent {parent} does not exist", parent=parent))


def _outsiders(world: World, near: Iterable[str]) -> Iterator[Finding]:
    """Areas that lie elsewhere than their parent, and grids that stick out of their community."""
    for code in sorted(near):
        area, parent = world[code], world.get(parent_of(code) or "")
        if parent is None:
            continue
        if not area.shape.intersects(parent.shape):
            yield _elsewhere(area, parent)
        elif area.layer is Layer.GRID and is_wide(beyond := outside(area, parent)):
            yield Finding(Fault.OUTSIDE_PARENT, area.label, both(
                "有 {size} 平方米超出 {parent}", "{size} m² of it lie outside {parent}",
                size=_size(beyond), parent=parent.label))


def _elsewhere(area: Outline, parent: Outline) -> Finding:
    flipped = shapely.transform(area.shape, lambda degrees: degrees[:, ::-1])
    if flipped.intersects(parent.shape):
        return Finding(Fault.SWAPPED_AXES, area.label, both("经纬度顺序颠倒", "Longitude and latitude are swapped"))
    return Finding(Fault.OUTSIDE_PARENT, area.label, both(
        "不在上级区域 {parent} 内", "It does not lie in its parent {parent}", parent=parent.label))


def _where(gap: BaseGeometry) -> dict[str, object]:
    spot = shapely.point_on_surface(gap)
    return {"size": _size(gap), "longitude": spot.x, "latitude": spot.y}


def _size(shape: BaseGeometry) -> str:
    return f"{area_m2(shape):,.0f}"
