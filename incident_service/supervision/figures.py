"""What is counted and timed, from many clocks at once. Pure arithmetic: no database, no Flask.

Clocks begin at the push, never at 签收; a case of imported history without a push has only `to_close`, counted from
its opening. A span that ends before it begins says nothing: it is left out of the times, and its case is counted.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_service.supervision.periods import Moments

PERCENTS = (50, 90, 95)
MICROSECONDS = 1_000_000
UNKNOWN = np.iinfo(np.int64).min                    # what numpy calls NaT
DECIMALS = 6                                        # the clocks tick in microseconds


Spans = NDArray[np.int64]                           # microseconds


class Clocks(NamedTuple):
    """Seven moments each of many cases. `done` is the one that is held against `due`."""

    opened: Moments
    pushed: Moments
    accepted: Moments
    rectified: Moments
    closed: Moments
    due: Moments
    done: Moments


class Times(NamedTuple):
    """How long something took, in seconds; None when it has never happened."""

    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    mean: float | None = None


class Figures(NamedTuple):
    """How many cases, how many of them have a span that ends before it begins, and how long each step took them."""

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
    return figures_of_each(clocks, [slice(None)])[0]


def figures_of_each(clocks: Clocks, some: Iterable[Any]) -> list[Figures]:
    """The same for some of the rows, for others of them, and so on; what holds for a row is reckoned once."""
    taken, is_closed, is_within = spans(clocks), ~np.isnat(clocks.closed), clocks.done <= clocks.due
    is_odd = has_negative(taken)
    return [_figures([span[rows] for span in taken], is_closed[rows], is_within[rows], is_odd[rows]) for rows in some]


def _figures(taken: Sequence[Spans], is_closed: NDArray[np.bool_], is_within: NDArray[np.bool_],
             is_odd: NDArray[np.bool_]) -> Figures:
    return Figures(len(is_closed), _count(is_closed), _count(is_within), _count(is_odd),
                   *(_times(span[is_known(span)]) for span in taken))


def spans(clocks: Clocks) -> tuple[Spans, Spans, Spans, Spans]:
    """How long each step took, in microseconds; UNKNOWN where one of its ends is missing."""
    started = np.where(np.isnat(clocks.pushed), clocks.opened, clocks.pushed)
    return (_span(clocks.opened, clocks.pushed), _span(clocks.pushed, clocks.accepted),
            _span(clocks.pushed, clocks.rectified), _span(started, clocks.closed))


def _span(start: Moments, end: Moments) -> Spans:
    return (end - start).view(np.int64)


def is_known(span: Spans) -> NDArray[np.bool_]:
    """Which spans say something: neither an end is missing, nor do they end before they begin."""
    return span >= 0


def is_negative(span: Spans) -> NDArray[np.bool_]:
    """Which spans end before they begin."""
    return (span < 0) & (span != UNKNOWN)


def has_negative(taken: Iterable[Spans]) -> NDArray[np.bool_]:
    """Which rows have at least one of them."""
    return np.logical_or.reduce([is_negative(span) for span in taken])


def _count(which: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(which))


def _times(known: Spans) -> Times:
    """Percentiles interpolate linearly, as numpy does unless told otherwise; one partition finds all of them."""
    if not len(known):
        return Times()
    places = [(len(known) - 1) * percent / 100 for percent in PERCENTS]
    wanted = sorted({side for place in places for side in (int(place), min(int(place) + 1, len(known) - 1))})
    ranked = np.partition(known, wanted)
    return times([between(int(ranked[int(place)]), int(ranked[min(int(place) + 1, len(known) - 1)]), place % 1)
                  for place in places], int(known.sum()), len(known))


def between(low: float, high: float, part: float) -> float:
    """What lies between two neighbours."""
    return low + (high - low) * part


def times(percentiles: Sequence[float], total: int, count: int) -> Times:
    """From microseconds to seconds."""
    return Times(*(round(each / MICROSECONDS, DECIMALS) for each in (*percentiles, total / count)))
