"""Reading areas from GeoJSON, feature by feature: codes, names, layers and shapes, in WGS-84."""

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from typing import Any

import shapely

from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.layers import Layer, layer_of, parent_of
from incident_service.areas.numbering import Numbering
from incident_service.areas.outlines import Faulty, Outline, polygons_of
from incident_service.areas.shapes import read_shape
from incident_service.foundation.words import both

NAME_CHARACTERS_MAX, LABEL_CHARACTERS_MAX = 100, 120
IN_DEGREES = ("CRS84", "4326", "4490")                      # 4490: CGCS2000, within centimetres of WGS-84


@dataclass(frozen=True)
class Reading:
    """How a file is to be read: where it says codes and names, what its features are, what it was drawn in.

    `number_under`: its features have no codes of ours and get numbers within this area, those known by name the one
    they have. `parent_name`: the area that all of them lie in is not in the file; it is what they cover together.
    """

    layer: Layer | None = None
    coordinate_system: CoordinateSystem | None = None
    code_property: str = "code"
    name_property: str = "name"
    number_under: str | None = None
    parent_name: str | None = None


@dataclass
class Content:
    """What a file says: areas with their shapes, areas that are to be no more, and what is wrong with the rest."""

    outlines: list[Outline] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def codes(self) -> Set[str]:
        """Every area it speaks of."""
        return {*self.retired, *(outline.code for outline in self.outlines)}


def read_content(collection: Any, reading: Reading, numbering: Numbering) -> Content:
    """Everything in a FeatureCollection that can be read, and what is wrong with the others."""
    content = Content()
    try:
        features = _features(collection)
        system = system_of(collection, reading.coordinate_system)
    except Faulty as faulty:
        return Content(findings=[faulty.finding])
    for number, feature in enumerate(features, start=1):
        try:
            _take(feature, f"#{number}", content, replace(reading, coordinate_system=system), numbering)
        except Faulty as faulty:
            content.findings.append(faulty.finding)
    content.findings += _duplicates(content)
    if reading.parent_name and content.outlines and all(finding.can_be_repaired for finding in content.findings):
        try:
            _add_parent(content, reading.parent_name)
        except Faulty as faulty:
            content.findings.append(faulty.finding)
    return content


def system_of(collection: dict[str, Any], asked: CoordinateSystem | None) -> CoordinateSystem:
    """The coordinate system: as the file says, else as asked, else WGS-84. The two must not differ. Raises Faulty."""
    crs = collection.get("crs")
    named = str(crs.get("properties", {}).get("name") if isinstance(crs, dict) else crs or "")
    if named and not named.endswith(IN_DEGREES):
        raise Faulty(Fault.UNKNOWN_SYSTEM, "file", "文件标注的坐标参考系 {named} 不是经纬度，请先转换",
                     "The file states {named}, which is not in degrees; convert it first", named=named)
    said = str(collection.get("coordinate_system") or asked or CoordinateSystem.WGS84)
    plain = said.lower().replace("-", "")
    if plain not in list(CoordinateSystem) or (asked and plain != asked):
        raise Faulty(Fault.UNKNOWN_SYSTEM, "file", "文件标注的坐标系是 {said}，无法按 {asked} 导入",
                     "The file states {said} as its coordinate system; it cannot be imported as {asked}",
                     said=said, asked=str(asked or "/".join(CoordinateSystem)))
    return CoordinateSystem(plain)


def _features(collection: Any) -> list[Any]:
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features or collection.get("type") != "FeatureCollection":
        raise Faulty(Fault.NOT_GEOJSON, "file", "不是含有要素的 GeoJSON FeatureCollection",
                     "It is not a GeoJSON FeatureCollection with features")
    return features


def _take(feature: Any, number: str, content: Content, reading: Reading, numbering: Numbering) -> None:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise Faulty(Fault.NOT_GEOJSON, number, "不是带属性的要素", "It is not a feature with properties")
    name = str(properties.get(reading.name_property) or "").strip()
    code = numbering.code_of(name) if reading.number_under else str(properties.get(reading.code_property) or "")
    label = f"{code} {name}"[:LABEL_CHARACTERS_MAX].strip().encode("utf-8", "replace").decode() or number
    layer = _layer(code, properties.get("layer") or reading.layer, label)
    if properties.get("retired") is True:
        content.retired.append(code)
        return
    _check_words(code, name, properties.get("parent"), label)
    shape, finding = read_shape(feature.get("geometry"), label, layer=layer,
                                system=reading.coordinate_system or CoordinateSystem.WGS84)
    content.outlines.append(Outline(code, name, layer, shape))
    content.findings += [finding] if finding else []


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


def _duplicates(content: Content) -> Iterator[Finding]:
    every = [*content.retired, *(outline.code for outline in content.outlines)]
    for code, times in Counter(every).items():
        if times > 1:
            yield Finding(Fault.DUPLICATE_CODE, code,
                          both("编码出现了 {times} 次", "The code appears {times} times", times=times))


def _add_parent(content: Content, name: str) -> None:
    """The one area that all of them lie in: what they cover together. Raises Faulty."""
    parents = {parent_of(code) for code in content.codes}
    parent = parents.pop() if len(parents) == 1 else None
    if parent is None or (layer := layer_of(parent)) is None:
        raise Faulty(Fault.BAD_PARENT, "file", "各要素不在同一上级区域内，无法合成上级区域",
                     "Its features do not lie in one and the same area above them")
    _check_words(parent, name, None, parent)
    together = shapely.union_all([outline.shape for outline in content.outlines])
    content.outlines.insert(0, Outline(parent, name, layer, shapely.normalize(polygons_of(together))))
