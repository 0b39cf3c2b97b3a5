"""An area and its shape, as it is read from a file or from the database."""

from dataclasses import dataclass, replace
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from incident_service.areas.findings import Fault, Finding
from incident_service.areas.layers import Layer
from incident_service.foundation.words import both

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

    def shaped(self, shape: BaseGeometry) -> "Outline":
        """The same area with another shape, of which its polygons count."""
        return replace(self, shape=shapely.normalize(polygons_of(shape)))


class Faulty(Exception):
    """Something in a file or feature is not as it must be; carries the finding."""

    def __init__(self, fault: Fault, feature: str, zh: str, en: str, **values: Any) -> None:
        super().__init__(en)
        self.finding = Finding(fault, feature, both(zh, en, **values))


def polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """What has a surface in a shape; lines and points that a calculation left behind are dropped."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[shapely.area(parts) > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
