"""What is counted and timed, from many clocks at once. Pure arithmetic: no database, no Flask.

Clocks begin at the push, never at 签收; a case of imported history without a push has only `to_close`, counted from
its opening. A span that ends before it begins says nothing: it is left out of the times and counted.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_service.supervision.periods import Moments

PERCENTS = (50, 90, 95)
SECOND = np.timedelta64(1, "s")
DECIMALS = 6                                        # the clocks tick in microseconds


class Clocks(NamedTuple):
    """Seven moments each of many cases. `done` is the one that is held against `due`."""

    opened: Moments
    pushed: Moments
    accepted: Moments
    rectified: Moments
    closed: Moments
    due: Moments
    done: Moments

    def of(self, rows: NDArray[np.intp]) -> "Clocks":
        """Those of some rows only."""
        return Clocks(*(each[rows] for each in self))


class Times(NamedTuple):
    """How long something took, in seconds; None when it has never happened."""

    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    mean: float | None = None


class Figures(NamedTuple):
    """How many cases, and how long each step took them."""

    cases: int
    closed: int
    within_limit: int
    negative_spans: int
    to_dispatch: Times
    to_accept: Times
    to_rectify: Times
    to_close: Times


def figures(clocks: Clocks) -> Figures:
    """Count and time."""
    pushed_or_opened = np.where(np.isnat(clocks.pushed), clocks.opened, clocks.pushed)
    spans = [(end - start) / SECOND for start, end in (
        (clocks.opened, clocks.pushed), (clocks.pushed, clocks.accepted), (clocks.pushed, clocks.rectified),
        (pushed_or_opened, clocks.closed))]
    return Figures(
        len(clocks.opened), _count(~np.isnat(clocks.closed)), _count(clocks.done <= clocks.due),
        sum(_count(span < 0) for span in spans), *(_times(span) for span in spans))


def _count(which: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(which))


def _times(seconds: NDArray[Any]) -> Times:
    """Percentiles interpolate linearly, as numpy does unless told otherwise."""
    known = seconds[seconds >= 0]                   # neither NaN, where one end is missing, nor negative
    if not len(known):
        return Times()
    return Times(*(round(float(each), DECIMALS) for each in (*np.percentile(known, PERCENTS), np.mean(known))))
