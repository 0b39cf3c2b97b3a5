"""Which period is asked for, and what a clock on the wall showed then."""

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
    minutes, places = np.unique(moments.astype("datetime64[m]"), return_inverse=True)
    offsets = [minute.replace(tzinfo=UTC).astimezone(zone).utcoffset() for minute in minutes.tolist()]
    return moments + np.array(offsets, dtype="timedelta64[us]")[places]
