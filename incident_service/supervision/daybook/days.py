"""Days, months and years of the installation, and the moments between which they lie."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from incident_service.supervision.daybook.models import Length
from incident_service.supervision.grouping import wall_clock
from incident_service.supervision.periods import Moments, Period, installation_zone

A_DAY = timedelta(days=1)


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time.min, tzinfo=installation_zone()).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """The day on which a moment lies."""
    return moment.astimezone(installation_zone()).date()


def days_of(opened: Moments) -> set[date]:
    """The days on which these moments lie."""
    return set(np.unique(wall_clock(opened).astype("datetime64[D]")).tolist())


def span_of(first: date, after: date) -> Period:
    """From the beginning of a day to the beginning of another."""
    return Period(beginning(first), beginning(after))


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after one."""
    return (month + timedelta(days=31)).replace(day=1)


def year_of(day: date) -> date:
    """The first day of its year."""
    return day.replace(month=1, day=1)


def next_year(day: date) -> date:
    """The first day of the year after."""
    return date(day.year + 1, 1, 1)


def whole_days(period: Period) -> tuple[date, date]:
    """The days that lie within a period from end to end: the first, and the one after the last."""
    first = day_of(period.since)
    if beginning(first) < period.since:
        first += A_DAY
    return first, max(first, day_of(period.until))


FIRST_OF = {Length.DAY: lambda day: day, Length.MONTH: month_of, Length.YEAR: year_of}
NEXT = {Length.DAY: lambda day: day + A_DAY, Length.MONTH: next_month, Length.YEAR: next_year}


def stretches(first: date, after: date, length: Length = Length.YEAR) -> Iterator[tuple[Length, date, date]]:
    """The same days as stretches of whole years, of whole months beside them, and of days beside those."""
    begins = FIRST_OF[length](first)
    if begins < first:
        begins = NEXT[length](begins)
    ends = FIRST_OF[length](after)
    if begins < ends:
        yield length, begins, ends
    else:
        begins = ends = after
    shorter = {Length.YEAR: Length.MONTH, Length.MONTH: Length.DAY}.get(length)
    for since, until in ((first, begins), (ends, after)):
        if shorter and since < until:
            yield from stretches(since, until, shorter)
