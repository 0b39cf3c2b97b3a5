"""Days and months of the installation, and the moments between which they lie."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from incident_service.supervision.grouping import wall_clock
from incident_service.supervision.periods import Moments, Period, installation_zone

A_DAY = timedelta(days=1)


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time.min, tzinfo=installation_zone()).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day on which a moment lies."""
    return moment.astimezone(installation_zone()).date()


def span_of(first: date, after: date) -> Period:
    """From the beginning of a day to the beginning of another."""
    return Period(beginning(first), beginning(after))


def days_of(opened: Moments) -> set[date]:
    """The days on which these moments lie."""
    return set(np.unique(wall_clock(opened).astype("datetime64[D]")).tolist())


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def year_of(day: date) -> date:
    """The first day of its year."""
    return day.replace(month=1, day=1)


def whole_years(first: date, after: date) -> tuple[date, date]:
    """The years that lie between two beginnings of months from end to end: the first, and the one after the last."""
    year = year_of(first) if first == year_of(first) else year_of(first).replace(year=first.year + 1)
    return year, max(year, year_of(after))


def by_month(days: Iterable[date]) -> dict[date, list[date]]:
    """Days in order, by their months."""
    found: dict[date, list[date]] = {}
    for day in sorted(days):
        found.setdefault(month_of(day), []).append(day)
    return found


def whole_months(period: Period) -> tuple[date, date]:
    """The months that lie within a period from end to end: the first, and the one after the last."""
    first = month_of(day_of(period.since))
    if beginning(first) < period.since:
        first = next_month(first)
    return first, max(first, month_of(day_of(period.until)))
