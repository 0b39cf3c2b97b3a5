"""Days, months and years as the city's calendar has them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app

from incident_service.foundation import clock


def local(at: datetime) -> datetime:
    """A moment as clocks of the city show it."""
    return at.astimezone(ZoneInfo(current_app.config["TIME_ZONE"]))


def today() -> datetime:
    """When the present day began."""
    return local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)


def start_of_year(year: int) -> datetime:
    """When a year begins."""
    return datetime(year, 1, 1, tzinfo=ZoneInfo(current_app.config["TIME_ZONE"]))
