"""Reading areas from GeoJSON, feature by feature: codes, names, layers and shapes, in WGS-84."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.coordinates import CoordinateSystem, to_wgs84
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.layers import Layer, layer_of, parent_of
from incident_service.foundation.words import both

NAME_CHARACTERS_MAX = 100
DECIMALS = 9                                                # a tenth of a millimetre


@dataclass(frozen=True)
class Outline:
    """An area and its shape (a polygon or several, in WGS-84 degrees)."""

    code: str
    name: str
    layer: Layer
    shape: BaseGeometry

    @property
    def label(self) -> str:
        """How people recognise it: code and name."""
        return f"{self.code} {self.name}"


class Faulty(Exception):
    """Something in a feature is not as it must be; carries the finding."""

    def __init__(self, fault: Fault, feature: str, zh: str, en: str, **values: Any) -> None:
        super().__init__(en)
        self.finding = Finding(fault, feature, both(zh, en, **values))


def read_outlines(
    collection: Any, *, layer: Layer | None, coordinate_system: CoordinateSystem | None,
) -> tuple[list[Outline], list[Finding]]:
    """Every area of a FeatureCollection that can be read, and what is wrong with the others."""
    outlines: list[Outline] = []
    findings: list[Finding] = []
    try:
        features = _features(collection)
        system = _system(collection, coordinate_system)
    except Faulty as faulty:
        return [], [faulty.finding]
    for number, feature in enumerate(features, start=1):
        try:
            outlines.append(_outline(feature, f"#{number}", layer=layer, system=system))
        except Faulty as faulty:
            findings.append(faulty.finding)
    return outlines, findings + list(_duplicates(outlines))


def _features(collection: Any) -> list[Any]:
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features or collection.get("type") != "FeatureCollection":
        raise Faulty(Fault.NOT_GEOJSON, "file", "不是含有要素的 GeoJSON FeatureCollection",
                     "It is not a GeoJSON FeatureCollection with features")
    return features


def _system(collection: dict[str, Any], asked: CoordinateSystem | None) -> CoordinateSystem:
    """The coordinate system: as the file says, else as asked, else WGS-84. The two must not differ."""
    said = str(collection.get("coordinate_system") or asked or CoordinateSystem.WGS84)
    plain = said.lower().replace("-", "")
    if plain not in list(CoordinateSystem) or (asked and plain != asked):
        raise Faulty(Fault.UNKNOWN_SYSTEM, "file", "文件标注的坐标系是 {said}，无法按 {asked} 导入",
                     "The file states {said} as its coordinate system; it cannot be imported as {asked}",
                     said=said, asked=str(asked or "/".join(CoordinateSystem)))
    return CoordinateSystem(plain)


def _outline(feature: Any, number: str, *, layer: Layer | None, system: CoordinateSystem) -> Outline:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise Faulty(Fault.NOT_GEOJSON, number, "不是带属性的要素", "It is not a feature with properties")
    code, name = str(properties.get("code") or ""), str(properties.get("name") or "").strip()
    label = f"{code} {name}".strip().encode("utf-8", "replace").decode() or number
    found = _layer(code, properties.get("layer") or layer, label)
    _check_words(code, name, properties.get("parent"), label)
    return Outline(code, name, found, _shape(feature.get("geometry"), label, system))


def _layer(code: str, stated: Any, label: str) -> Layer:
    found = layer_of(code)
    if found is None:
        raise Faulty(Fault.BAD_CODE, label, "编码格式不正确", "Its code has none of the known forms")
    if stated is not None and stated != found:
        raise Faulty(Fault.BAD_LAYER, label, "标注的层级是 {stated}，编码却属于 {found}",
                     "It is said to be a {stated}, but its code is that of a {found}", stated=str(stated), found=found)
    return found


def _check_words(code: str, name: str, parent: Any, label: str) -> None:
    if not name or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise Faulty(Fault.BAD_NAME, label, "名称须为 1 至 {most} 个可显示的字符",
                     "Its name must have 1 to {most} characters that can be shown",
                     most=NAME_CHARACTERS_MAX)
    if parent and str(parent) != parent_of(code):
        raise Faulty(Fault.BAD_PARENT, label, "标注的上级 {parent} 与编码不符",
                     "Its parent is said to be {parent}, but its code says otherwise", parent=str(parent))


def _shape(geometry: Any, label: str, system: CoordinateSystem) -> BaseGeometry:
    try:
        if geometry["type"] not in ("Polygon", "MultiPolygon"):
            raise ValueError(geometry["type"])
        raw = shapely.force_2d(shapely.geometry.shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Faulty(Fault.NOT_A_POLYGON, label, "图形不是可读取的多边形",
                     "Its geometry is not a polygon that can be read") from error
    _check_degrees(shapely.get_coordinates(raw), label)
    shape = shapely.transform(raw, lambda degrees: _in_wgs84(degrees, system))
    if shape.is_empty or not shape.is_valid:
        raise Faulty(Fault.INVALID_SHAPE, label, "图形无效：{why}", "Its shape is not valid: {why}",
                     why=shapely.is_valid_reason(shape) if not shape.is_empty else "empty")
    return shapely.normalize(shape)


def _check_degrees(degrees: np.ndarray, label: str) -> None:
    longitudes, latitudes = np.abs(degrees[:, 0]), np.abs(degrees[:, 1])
    if (longitudes <= 180).all() and (latitudes <= 90).all():
        return
    if (longitudes <= 90).all() and (latitudes <= 180).all():
        raise Faulty(Fault.SWAPPED_AXES, label, "经纬度顺序颠倒", "Longitude and latitude are swapped")
    raise Faulty(Fault.NOT_DEGREES, label, "坐标不是经纬度（度），可能是米或英尺",
                 "Its coordinates are not degrees; they may be metres or feet")


def _in_wgs84(degrees: np.ndarray, system: CoordinateSystem) -> np.ndarray:
    if system is not CoordinateSystem.WGS84:
        degrees = np.array([to_wgs84(longitude, latitude, system) for longitude, latitude in degrees.tolist()])
    return np.round(degrees, DECIMALS)


def _duplicates(outlines: list[Outline]) -> Iterator[Finding]:
    for code, times in Counter(outline.code for outline in outlines).items():
        if times > 1:
            yield Finding(Fault.DUPLICATE_CODE, code,
                          both("编码出现了 {times} 次", "The code appears {times} times", times=times))
