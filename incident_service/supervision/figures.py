"""What is counted and timed, from many clocks at once. Pure arithmetic: no database, no Flask.

Clocks begin at the push, never at 签收; a case of imported history without a push has only `to_close`, counted from
its opening. A span that ends before it begins says nothing: it is left out of the times, and its case is counted.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_service.supervision.periods import Moments

PERCENTS = (50, 90, 95)
MICROSECONDS = 1_000_000
UNKNOWN = np.iinfo(np.int64).min                    # what numpy calls NaT
BITS_MAX = 63                                       # of a number that is not negative
ROWS_FOR_TWO = 100_000
LOW_BITS = 20                                       # of a span, which are summed apart from the others


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
    """How long something took, in seconds, None when it has never happened; and of how many cases that is told."""

    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    mean: float | None = None
    cases: int = 0


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
    return figures_of_groups(clocks, np.zeros(len(clocks.opened), dtype=np.int64), 1)[0]


def figures_of_groups(clocks: Clocks, codes: NDArray[Any], size: int) -> list[Figures]:
    """The same for each of `size` groups, reckoned in one pass: `codes` says in which of them each row is."""
    codes, taken = codes.astype(np.int64), spans(clocks)
    steps = _side_by_side([partial(_times_of_groups, *step, size) for step in _known(taken, codes)], len(codes))
    return [Figures(*each) for each in zip(*_counts(clocks, taken, codes, size).tolist(), *steps, strict=True)]


def figures_of_groups_and_all(clocks: Clocks, codes: NDArray[Any], size: int) -> tuple[list[Figures], Figures]:
    """The same, and of all rows together: what holds for a row is reckoned once."""
    codes, taken = codes.astype(np.int64), spans(clocks)
    known, counts = _known(taken, codes), _counts(clocks, taken, codes, size)
    found = _side_by_side([
        *(partial(_times_of_groups, *step, size) for step in known),
        *(partial(_times_of_all, values) for values, _ in known)], len(codes))
    groups = [Figures(*each) for each in zip(*counts.tolist(), *found[:len(known)], strict=True)]
    return groups, Figures(*counts.sum(axis=1).tolist(), *(whole for whole, in found[len(known):]))


def _counts(clocks: Clocks, taken: Iterable[Spans], codes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """How many rows of each group there are, and how many of them are closed, within the limit, and have a negative
    span."""
    marks = (~np.isnat(clocks.closed), clocks.done <= clocks.due, has_negative(taken))
    return np.stack([np.bincount(codes, minlength=size),
                     *(np.bincount(codes << 1 | mark, minlength=2 * size)[1::2] for mark in marks)])


def _side_by_side(parts: Sequence[Callable[[], list[Times]]], rows: int) -> list[list[Times]]:
    """What each part finds. Numpy lets others work while it sorts: two at once where that takes a while."""
    if rows < ROWS_FOR_TWO:
        return [part() for part in parts]
    with ThreadPoolExecutor(2) as threads:
        return [each.result() for each in [threads.submit(part) for part in parts]]


def has_deadline(clocks: Clocks) -> NDArray[np.bool_]:
    """Which rows have a deadline to keep; the others are neither late nor in time."""
    return ~np.isnat(clocks.due)


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


def _known(taken: Iterable[Spans], codes: NDArray[np.int64]) -> list[tuple[Spans, NDArray[np.int64]]]:
    """Of each step the spans that say something, and the groups they are in."""
    found = []
    for span in taken:
        known = is_known(span)
        found.append((span, codes) if known.all() else (span[known], codes[known]))
    return found


def _times_of_groups(values: Spans, codes: NDArray[np.int64], size: int) -> list[Times]:
    return _times_in_order(_sorted_within(values, codes), np.bincount(codes, minlength=size))


def _times_of_all(values: Spans) -> list[Times]:
    return _times_in_order(np.sort(values), np.array([len(values)]))


def _times_in_order(ranked: Spans, counts: NDArray[np.int64]) -> list[Times]:
    """The times of groups of so many values each, in order, one after the other. Percentiles interpolate linearly, as
    numpy does unless told otherwise."""
    here = counts > 0
    ends, counts = np.cumsum(counts)[here], counts[here]
    begins = ends - counts
    found = []
    for percent in PERCENTS:
        places = (counts - 1) * percent / 100
        low = places.astype(np.int64)
        high = np.minimum(low + 1, counts - 1)
        found.append(between(ranked[begins + low], ranked[begins + high], places % 1))
    numbers = np.rint([*found, _means(ranked, begins, counts)]) / MICROSECONDS
    told = iter(zip(*numbers.tolist(), counts.tolist(), strict=True))
    return [Times._make(next(told)) if each else Times() for each in here.tolist()]


def in_two(values: Spans) -> tuple[Spans, Spans]:
    """The high and the low part of each span, whose sums fit into 64 bits: the sum of whole ones ends at 292,000 years,
    which ten million cases of eleven days take together."""
    return values >> LOW_BITS, values & ((1 << LOW_BITS) - 1)


def _means(values: Spans, begins: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of each group, whose values stand in order, one group after the other."""
    if not len(begins):
        return np.empty(0)
    if int(values[begins + counts - 1].max()) * len(values) < 1 << BITS_MAX:
        whole, rest = np.divmod(np.add.reduceat(values, begins), counts)
        return whole + rest / counts
    high, low = (np.add.reduceat(part, begins) for part in in_two(values))
    whole, rest = np.divmod(high, counts)
    return (whole << LOW_BITS) + ((rest << LOW_BITS) + low) / counts


def _sorted_within(values: Spans, codes: NDArray[np.int64]) -> Spans:
    """The values of each group in order, one group after the other. Sorting one number a row is the quickest, where
    group and value fit into one."""
    bits, last = int(values.max(initial=0)).bit_length(), int(codes.max(initial=0))
    if bits + last.bit_length() > BITS_MAX:
        return values[np.lexsort((values, codes))]
    both = codes << bits
    both |= values
    both.sort()
    both &= (1 << bits) - 1
    return both


def between(low: Any, high: Any, part: Any) -> Any:
    """What lies between two neighbours, numbers or columns of them."""
    return low + (high - low) * part


def times(percentiles: Sequence[float], high: int, low: int, count: int) -> Times:
    """From microseconds to seconds; the mean from the sums of both parts."""
    total = (high << LOW_BITS) + low
    return Times._make((*(round(each) / MICROSECONDS for each in (*percentiles, total / count)), count))
