"""Near a place: a condition on cases that an index answers."""

from typing import Any

from sqlalchemy import ColumnElement, Float, and_, bindparam

from incident_service.cases.ground import METRES_PER_DEGREE, box_around, metres_per_degree_east
from incident_service.cases.models import Case


def near(longitude: float, latitude: float, metres: float) -> ColumnElement[bool]:
    """Within a distance; at this scale a degree of longitude is the cosine of the latitude shorter."""
    return _within(**circle(longitude, latitude, metres))


def at_most(longitude: float, latitude: float, metres: float) -> ColumnElement[bool]:
    """The same for cases that were found by where they lie: no index answers it, and none is tried."""
    asked = circle(longitude, latitude, metres)
    return _reaches(*(asked[name] for name in ("middle_x", "middle_y", "metres_east", "radius")))


def circle(longitude: float, latitude: float, metres: float) -> dict[str, float]:
    """The values of `IN_CIRCLE`."""
    box = box_around(longitude, latitude, metres)
    return {**box._asdict(), "middle_x": longitude, "middle_y": latitude,
            "metres_east": metres_per_degree_east(latitude), "radius": metres}


def _within(*, west: Any, south: Any, east: Any, north: Any, middle_x: Any, middle_y: Any, metres_east: Any,
            radius: Any) -> ColumnElement[bool]:
    return and_(Case.longitude.between(west, east), Case.latitude.between(south, north),
                _reaches(middle_x, middle_y, metres_east, radius))


def _reaches(middle_x: Any, middle_y: Any, metres_east: Any, radius: Any) -> ColumnElement[bool]:
    x, y = (Case.longitude - middle_x) * metres_east, (Case.latitude - middle_y) * METRES_PER_DEGREE
    return x * x + y * y <= radius * radius


IN_CIRCLE = _within(**{name: bindparam(name, type_=Float) for name in circle(0, 0, 0)})  # for a query that is made once
