"""Near a place: a condition on cases that an index answers."""

from sqlalchemy import ColumnElement, and_

from incident_service.cases.ground import METRES_PER_DEGREE, box_around, metres_per_degree_east
from incident_service.cases.models import Case


def near(longitude: float, latitude: float, metres: float) -> ColumnElement[bool]:
    """Within a distance; at this scale a degree of longitude is the cosine of the latitude shorter."""
    box, east = box_around(longitude, latitude, metres), metres_per_degree_east(latitude)
    x, y = (Case.longitude - longitude) * east, (Case.latitude - latitude) * METRES_PER_DEGREE
    return and_(Case.longitude.between(box.west, box.east), Case.latitude.between(box.south, box.north),
                x * x + y * y <= metres * metres)
