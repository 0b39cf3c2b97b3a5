"""Whether areas fit together: no overlaps within a layer, no gaps between grids, every area in its parent.

Slivers thinner than SLIVER_M are what drawing tools leave behind and count as fitting.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.features import Outline
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.layers import LAND, Layer, parent_of
from incident_service.areas.metres import area_m2, widths_m
from incident_service.foundation.words import both

SLIVER_M = 0.1
DISJOINT = (*({layer} for layer in Layer if layer not in LAND), set(LAND))      # land is of one kind

World = Mapping[str, Outline]


def check_fit(world: World, *, changed: Set[str]) -> list[Finding]:
    """What would be wrong in `world` (every area by its code) because of the changed areas; shapes are valid."""
    near = changed | {code for code in world if parent_of(code) in changed}
    findings = list(_orphans(world, changed))
    for layers in DISJOINT:
        findings.extend(_overlaps([area for area in world.values() if area.layer in layers], changed))
    findings.extend(_outsiders(world, near))
    findings.extend(_gaps(world, near))
    return findings


def _orphans(world: World, changed: Iterable[str]) -> Iterator[Finding]:
    for code in sorted(changed):
        parent = parent_of(code)
        if parent and parent not in world:
            yield Finding(Fault.MISSING_PARENT, world[code].label,
                          both("上级区域 {parent} 不存在", "Its parent {parent} does not exist", parent=parent))


def _overlaps(areas: list[Outline], changed: Set[str]) -> Iterator[Finding]:
    shapes = np.array([area.shape for area in areas], dtype=object)
    touched = np.array([index for index, area in enumerate(areas) if area.code in changed], dtype=int)
    asked, met = shapely.STRtree(shapes).query(shapes[touched], predicate="intersects")
    pairs = {tuple(sorted(pair)) for pair in zip(touched[asked].tolist(), met.tolist(), strict=True)}
    for one, other in sorted(pair for pair in pairs if pair[0] != pair[1]):
        shared = shapely.intersection(shapes[one], shapes[other])
        if _is_wide(shared):
            yield Finding(Fault.OVERLAP, areas[one].label, both(
                "与 {other} 重叠 {size} 平方米", "It overlaps {other} by {size} m²",
                other=areas[other].label, size=_size(shared)))


def _outsiders(world: World, near: Iterable[str]) -> Iterator[Finding]:
    """Areas that lie elsewhere than their parent, and grids that stick out of their community."""
    for code in sorted(near):
        area, parent = world[code], world.get(parent_of(code) or "")
        if parent is None:
            continue
        if not area.shape.intersects(parent.shape):
            yield _elsewhere(area, parent)
        elif area.layer is Layer.GRID and _is_wide(outside := area.shape.difference(parent.shape)):
            yield Finding(Fault.OUTSIDE_PARENT, area.label, both(
                "有 {size} 平方米超出 {parent}", "{size} m² of it lie outside {parent}",
                size=_size(outside), parent=parent.label))


def _elsewhere(area: Outline, parent: Outline) -> Finding:
    flipped = shapely.transform(area.shape, lambda degrees: degrees[:, ::-1])
    if flipped.intersects(parent.shape):
        return Finding(Fault.SWAPPED_AXES, area.label, both("经纬度顺序颠倒", "Longitude and latitude are swapped"))
    return Finding(Fault.OUTSIDE_PARENT, area.label, both(
        "不在上级区域 {parent} 内", "It does not lie in its parent {parent}", parent=parent.label))


def _gaps(world: World, near: Iterable[str]) -> Iterator[Finding]:
    """Places in a community that none of its grids holds. A community without any grid is not divided yet."""
    divided = {parent_of(code) if world[code].layer is Layer.GRID else code for code in near}
    grids: dict[str | None, list[BaseGeometry]] = defaultdict(list)
    for area in world.values():
        if area.layer is Layer.GRID and parent_of(area.code) in divided:
            grids[parent_of(area.code)].append(area.shape)
    for code in sorted(world.keys() & grids.keys()):
        gap = world[code].shape.difference(shapely.union_all(grids[code]))
        if _is_wide(gap):
            spot = shapely.point_on_surface(gap)
            yield Finding(Fault.GAP, world[code].label, both(
                "有 {size} 平方米未划入任何网格（{longitude:.6f}, {latitude:.6f} 附近）",
                "{size} m² of it belong to no grid (near {longitude:.6f}, {latitude:.6f})",
                size=_size(gap), longitude=spot.x, latitude=spot.y))


def _is_wide(shape: BaseGeometry) -> bool:
    return bool((widths_m(shape) > SLIVER_M).any())


def _size(shape: BaseGeometry) -> str:
    return f"{area_m2(shape):,.0f}"
