"""Near a place: a condition on cases that an index answers."""

from math import cos, radians

from sqlalchemy import ColumnElement, and_

from incident_service.cases.models import Case

METRES_PER_DEGREE = 111_195.0


def near(longitude: float, latitude: float, metres: float) -> ColumnElement[bool]:
    """Within a distance; at this scale a degree of longitude is the cosine of the latitude shorter."""
    east = METRES_PER_DEGREE * cos(radians(latitude))
    x, y = (Case.longitude - longitude) * east, (Case.latitude - latitude) * METRES_PER_DEGREE
    dx, dy = metres / max(east, 1.0), metres / METRES_PER_DEGREE
    return and_(Case.longitude.between(longitude - dx, longitude + dx),
                Case.latitude.between(latitude - dy, latitude + dy), x * x + y * y <= metres * metres)
