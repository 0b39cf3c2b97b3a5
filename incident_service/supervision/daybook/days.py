"""Days, months and years of the installation, and the moments between which they lie."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import NamedTuple

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
SHORTER = {Length.YEAR: Length.MONTH, Length.MONTH: Length.DAY}


class Stretch(NamedTuple):
    """So many days, months or years one after the other; where `sign` is −1, taken away."""

    sign: int
    length: Length
    since: date
    until: date

    @property
    def sums(self) -> int:
        """Of how many days, months or years it is."""
        if self.length is Length.DAY:
            return (self.until - self.since).days
        months = 12 * (self.until.year - self.since.year) + self.until.month - self.since.month
        return months if self.length is Length.MONTH else months // 12


def stretches(first: date, after: date, length: Length = Length.YEAR) -> list[Stretch]:
    """The same days, of as few sums as can be: a month but for its last days is the month without them."""
    if first >= after:
        return []
    if length is Length.DAY:
        return [Stretch(1, length, first, after)]
    shorter = SHORTER[length]
    ways = [[Stretch(1, length, since, until), *_beyond(since, first, shorter), *_beyond(after, until, shorter)]
            for since, until in product(_around(first, length), _around(after, length)) if since < until]
    return min(stretches(first, after, shorter), *ways, key=lambda way: sum(each.sums for each in way))


def _around(day: date, length: Length) -> tuple[date, date]:
    """The first day of its month or year, and of the next one; itself, where it is one."""
    begins = FIRST_OF[length](day)
    return begins, begins if begins == day else NEXT[length](begins)


def _beyond(end: date, other: date, length: Length) -> list[Stretch]:
    """What lies between two ends of a stretch: taken away from the second to the first, added the other way round."""
    return [*stretches(other, end, length),
            *(each._replace(sign=-each.sign) for each in stretches(end, other, length))]
