"""Which period is asked for, and what a clock on the wall showed then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from flask import current_app
from numpy.typing import NDArray

from incident_service.foundation import clock
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

SPAN_UNLESS_SAID = timedelta(days=30)
SPAN_DAYS_MAX = 5 * 366
DAY_US = 86_400_000_000

Moments = NDArray[Any]                              # datetime64[us], UTC; NaT for what has not happened


class Period(NamedTuple):
    """since ≤ report time < until, both aware."""

    since: datetime
    until: datetime


def period(since: datetime | None = None, until: datetime | None = None) -> Period:
    """The period between two moments: up to now, and the 30 days before its end, unless said. Raises Invalid."""
    until = until or clock.now()
    since = since or until - SPAN_UNLESS_SAID
    if since >= until:
        raise Invalid(errors=[FieldError("#/from", both("起始时间须早于结束时间", "`from` must be before `to`"))])
    if until - since > timedelta(days=SPAN_DAYS_MAX):
        raise Invalid(errors=[FieldError("#/from", both(
            "时间跨度最多 {days} 天", "A period has at most {days} days", days=SPAN_DAYS_MAX))])
    return Period(since, until)


def installation_zone() -> ZoneInfo:
    """The time zone of the installation, in which its days begin."""
    return ZoneInfo(current_app.config["TIME_ZONE"])


def on_the_wall(moments: Moments, zone: ZoneInfo) -> Moments:
    """The same moments as a clock in `zone` showed them. Since 1972 every zone changes at a whole minute."""
    days, places = by_day(moments)
    before, after = _offsets(days, zone), _offsets(days + 1, zone)
    if len(days) and (before == after[0]).all() and (after == after[0]).all():
        return moments + after[0]
    local = moments + before[places]
    in_change = (before != after)[places]                   # a clock change within these days: minute by minute
    if in_change.any():
        minutes, places = np.unique(moments[in_change].astype("datetime64[m]"), return_inverse=True)
        local[in_change] = moments[in_change] + _offsets(minutes, zone)[places]
    return local


def by_day(moments: Moments) -> tuple[Moments, NDArray[np.intp]]:
    """The days on which these moments lie, in order, and on which of them each does: counted, for days are few."""
    day = moments.view(np.int64) // DAY_US                  # numpy's own way to days takes seven times as long
    first = int(day.min()) if len(day) else 0
    day -= first
    is_there = np.bincount(day) > 0
    days = (np.flatnonzero(is_there) + first).astype("datetime64[D]")
    return days, day if is_there.all() else (np.cumsum(is_there) - 1)[day]


def _offsets(moments: Moments, zone: ZoneInfo) -> NDArray[Any]:
    """How far the clocks in the zone are from UTC."""
    aware = (moment.replace(tzinfo=UTC) for moment in moments.astype("datetime64[s]").tolist())
    return np.array([moment.astimezone(zone).utcoffset() for moment in aware], dtype="timedelta64[us]")


def previous(asked: Period) -> Period:
    """The equally long period that ends where this one begins; on the wall, if it has a day or more."""
    if _is_within_a_day(asked):
        return Period(asked.since - (asked.until - asked.since), asked.since)
    return _moved(asked, lambda since, until: (since - (until - since), since))


def year_before(asked: Period) -> Period:
    """The same period a calendar year earlier. 29 February has its day before; what ends on it ends with that day. Less
    than a day stays as long as it is: the year before, clocks may have changed in the midst of it."""
    moved = _moved(asked, lambda since, until: (
        _last_year(since, instead=since.replace(day=28)),
        _last_year(until, instead=datetime(until.year, 3, 1))))             # noqa: DTZ001 - on the wall
    return Period(moved.since, moved.since + (asked.until - asked.since)) if _is_within_a_day(asked) else moved


def _is_within_a_day(asked: Period) -> bool:
    """Whether the wall shows less than a day between its ends."""
    since, until = _on_the_wall_at(asked)
    return until - since < timedelta(days=1)


def _on_the_wall_at(asked: Period) -> tuple[datetime, datetime]:
    zone = installation_zone()
    since, until = (each.astimezone(zone).replace(tzinfo=None) for each in asked)
    return since, until


def _last_year(local: datetime, *, instead: datetime) -> datetime:
    return (instead if (local.month, local.day) == (2, 29) else local).replace(year=local.year - 1)


def _moved(asked: Period, move: Callable[[datetime, datetime], tuple[datetime, datetime]]) -> Period:
    zone = installation_zone()
    since, until = (each.replace(tzinfo=zone).astimezone(UTC) for each in move(*_on_the_wall_at(asked)))
    return Period(since, until)
