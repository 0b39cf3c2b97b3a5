"""Reading one feature's geometry: a valid polygon in WGS-84, or what is wrong with it."""

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.coordinates import CoordinateSystem, to_wgs84
from incident_service.areas.findings import Fault, Finding
from incident_service.areas.layers import Layer
from incident_service.areas.metres import area_m2
from incident_service.areas.outlines import DECIMALS, Faulty, polygons_of
from incident_service.foundation.words import both

CORNERS_MAX = 50_000
TANGLE_MAX = 10_000                                         # of length² to surface; a coastline has some hundreds
LIVED_IN = (-60.0, 72.0)                                    # latitudes between which there are cities
SIZE_KM2_MAX = {Layer.CITY: 1_000_000, Layer.DISTRICT: 300_000, Layer.STREET: 100_000, Layer.COMMUNITY: 30_000,
                Layer.GRID: 10_000, Layer.BEAT: 300_000, Layer.FIRE_AREA: 300_000, Layer.COMPOUND: 100,
                Layer.PUBLIC_ROAD: 1_000}


def read_shape(
    geometry: Any, label: str, *, layer: Layer, system: CoordinateSystem,
) -> tuple[BaseGeometry, Finding | None]:
    """The polygon of a feature in WGS-84; with a finding when it was not valid and had to be made so.

    Raises Faulty when there is no polygon, or its numbers cannot be degrees of a city.
    """
    raw = _polygon(geometry, label)
    _check_degrees(shapely.get_coordinates(raw), label)
    shape = shapely.transform(raw, lambda degrees: _in_wgs84(degrees, system))
    why = None if shape.is_valid and not shape.is_empty else shapely.is_valid_reason(shape)
    shape = polygons_of(shape if why is None else _made_valid(shape, label, why))
    if shape.is_empty:
        raise Faulty(Fault.INVALID_SHAPE, label, "图形没有面积", "Its shape has no surface")
    _check_size(shape, label, layer)
    finding = None if why is None else Finding(
        Fault.INVALID_SHAPE, label, both("图形无效：{why}", "Its shape is not valid: {why}", why=why),
        can_be_repaired=True)
    return shapely.normalize(shape), finding


def _polygon(geometry: Any, label: str) -> BaseGeometry:
    try:
        if geometry["type"] not in ("Polygon", "MultiPolygon"):
            raise ValueError(geometry["type"])
        raw = shapely.force_2d(shapely.geometry.shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Faulty(Fault.NOT_A_POLYGON, label, "图形不是可读取的多边形",
                     "Its geometry is not a polygon that can be read") from error
    if shapely.get_num_coordinates(raw) > CORNERS_MAX:
        raise Faulty(Fault.TOO_DETAILED, label, "顶点超过 {most} 个，请先简化",
                     "It has more than {most} corners; simplify it first", most=CORNERS_MAX)
    return raw


def _made_valid(shape: BaseGeometry, label: str, why: str) -> BaseGeometry:
    """The surface that a line encloses which crosses itself. A tangle would take minutes, and mean nothing."""
    if shape.length ** 2 > TANGLE_MAX * shapely.envelope(shape).area:
        raise Faulty(Fault.INVALID_SHAPE, label, "图形自相交过多：{why}",
                     "Its line crosses itself over and over: {why}", why=why)
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _check_degrees(degrees: np.ndarray, label: str) -> None:
    """Whether these can be longitudes and latitudes of places where people live, in this order."""
    if not len(degrees) or _are_lived_in(degrees):
        return
    if _are_lived_in(degrees[:, ::-1]):
        raise Faulty(Fault.SWAPPED_AXES, label, "经纬度顺序颠倒", "Longitude and latitude are swapped")
    if (np.abs(degrees) <= (180, 90)).all():
        raise Faulty(Fault.NOT_DEGREES, label, "所在纬度没有城市", "There are no cities at its latitude")
    raise Faulty(Fault.NOT_DEGREES, label, "坐标不是经纬度（度），可能是米或英尺",
                 "Its coordinates are not degrees; they may be metres or feet")


def _are_lived_in(degrees: np.ndarray) -> bool:
    south, north = LIVED_IN
    longitudes, latitudes = degrees[:, 0], degrees[:, 1]
    return bool((np.abs(longitudes) <= 180).all() and (latitudes >= south).all() and (latitudes <= north).all())


def _check_size(shape: BaseGeometry, label: str, layer: Layer) -> None:
    """Feet or metres from a corner of the town pass for degrees; as degrees they cover a continent."""
    size = area_m2(shape) / 1_000_000
    if size > SIZE_KM2_MAX[layer]:
        raise Faulty(Fault.NOT_DEGREES, label, "面积达 {size} 平方公里，坐标可能是米或英尺而非度",
                     "It would cover {size} km²; its coordinates may be metres or feet, not degrees",
                     size=f"{size:,.0f}")


def _in_wgs84(degrees: np.ndarray, system: CoordinateSystem) -> np.ndarray:
    if system is not CoordinateSystem.WGS84:
        degrees = np.array([to_wgs84(longitude, latitude, system) for longitude, latitude in degrees.tolist()])
    return np.round(degrees, DECIMALS)
