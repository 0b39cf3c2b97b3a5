"""Jobs of the room supervision."""

from incident_service import supervision
from workers import in_app


@in_app
def fold() -> None:
    """Bring the daybook of figures up to date. Safe to repeat: a month is written anew from what its cases say."""
    supervision.fold()
