"""Figures of any number of cases in constant room: counts, sums, and a DDSketch of each span.

DDSketch (Masson, Rim, Lee: VLDB 2019) counts values in buckets that grow by γ = (1 + α) / (1 − α); whatever stands for
a bucket is within α of every value in it. Counts add up, so tallies merge in any order to the same numbers, and what
was added can be taken away again. Pure arithmetic: no database, no Flask.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_service.supervision.facts import NOT_COUNTED, Facts, Labels
from incident_service.supervision.figures import (
    PERCENTS,
    Figures,
    Times,
    between,
    has_negative,
    in_two,
    is_known,
    spans,
    times,
)

ALPHA = 0.009                                       # how far a percentile may be off: within 1 %, rounding included
GAMMA = (1 + ALPHA) / (1 - ALPHA)
LOG_GAMMA = np.log(GAMMA)
STEPS = 4                                           # dispatch, accept, rectify, close
LONGEST = 200 * 366 * 86_400 * 1_000_000            # microseconds; longer spans share the last bucket
BUCKETS = int(np.ceil(np.log(LONGEST) / LOG_GAMMA)) + 2
NEGATIVE = 3                                        # cases, closed, within the limit, with a negative span; then
LEFT_OUT = slice(4, 4 + len(NOT_COUNTED))           # how many are not counted,
COUNTS = slice(LEFT_OUT.stop, LEFT_OUT.stop + STEPS)        # how many of each span,
HIGH = slice(COUNTS.stop, COUNTS.stop + STEPS)              # and the sums of their high
LOW = slice(HIGH.stop, HIGH.stop + STEPS)                   # and low parts
WIDTH = LOW.stop
SPARSE = 16                                         # fewer filled buckets than one in so many are sorted
Integers = NDArray[np.int64]


class Tally(NamedTuple):
    """Rows of figures, one a key, in the order of the keys, None last: whole numbers, and the filled buckets as
    (row × step × bucket, how often), in the order of their places."""

    keys: Sequence[Any]
    numbers: Integers
    places: Integers
    fills: Integers

    def translated(self, key: Callable[[Any], Any]) -> "Tally":
        """With other keys, some of which may have become the same."""
        return merged([self._replace(keys=[key(each) for each in self.keys])])

    def only(self, wanted: Callable[[Any], bool]) -> "Tally":
        """The rows whose key is wanted."""
        rows = np.array([wanted(key) for key in self.keys] or [False], dtype=np.bool_)
        at, rest = np.divmod(self.places, STEPS * BUCKETS)
        stays, anew = rows[at] if len(at) else np.empty(0, np.bool_), np.cumsum(rows) - 1
        return Tally([key for key in self.keys if wanted(key)], self.numbers[rows[:len(self.keys)]],
                     anew[at[stays]] * STEPS * BUCKETS + rest[stays], self.fills[stays])

    def filled(self) -> "Tally":
        """Its rows that still count something, once others were taken away from it."""
        empty = {key for key, row in zip(self.keys, self.numbers, strict=True) if not row.any()}
        return self.only(lambda key: key not in empty) if empty else self

    @property
    def cases(self) -> int:
        """How many cases are counted in all."""
        return int(self.numbers[:, 0].sum())

    def negative(self) -> "Tally":
        """What takes this tally away from another one."""
        return self._replace(numbers=-self.numbers, fills=-self.fills)


def tally(facts: Facts, labels: Labels) -> Tally:
    """The tally of cases, by a label of each."""
    labels = labels.in_order()
    size, counted = len(labels.known), facts.counted()
    numbers = np.zeros((size, WIDTH), dtype=np.int64)
    for column, status in enumerate(NOT_COUNTED, LEFT_OUT.start):
        left = facts.labels["status"].where(lambda label, status=status: label == status)       # type: ignore[misc]
        numbers[:, column] = np.bincount(labels.codes[left], minlength=size)
    codes, clocks = labels.codes[counted].astype(np.int64), facts.of(counted).clocks
    taken = spans(clocks)
    for column, mark in enumerate((~np.isnat(clocks.opened), ~np.isnat(clocks.closed), clocks.done <= clocks.due,
                                   has_negative(taken))):
        numbers[:, column] = np.bincount(codes[mark], minlength=size)
    places = [np.empty(0, dtype=np.int64)]
    for step, span in enumerate(taken):
        known = is_known(span)
        rows, values = codes[known], span[known]
        numbers[:, COUNTS.start + step] = np.bincount(rows, minlength=size)
        for sums, part in zip((HIGH, LOW), in_two(values), strict=True):
            np.add.at(numbers[:, sums.start + step], rows, part)
        places.append((rows * STEPS + step) * BUCKETS + buckets_of(values))
    return Tally(list(labels.known), numbers, *_counted(np.concatenate(places), size))


def buckets_of(values: Integers) -> Integers:
    """The bucket of each span: 0 for nothing at all, `i` for γ^(i−2) < value ≤ γ^(i−1)."""
    with np.errstate(divide="ignore"):
        logs = np.ceil(np.log(values.astype(np.float64)) / LOG_GAMMA)
    return np.where(values > 0, np.clip(logs, 0, BUCKETS - 2) + 1, 0).astype(np.int64)


VALUES = np.concatenate([[0.0], 2 * GAMMA ** np.arange(BUCKETS - 1) / (GAMMA + 1)])    # what stands for each bucket


def merged(parts: Iterable[Tally]) -> Tally:
    """All of them as one; rows of the same key are added. In any order the numbers are the same."""
    parts = list(parts)
    keys = sorted({key for each in parts for key in each.keys}, key=lambda key: (key is None, key or ""))
    if len(parts) == 1 and keys == list(parts[0].keys):
        return parts[0]
    at = {key: row for row, key in enumerate(keys)}
    numbers = np.zeros((len(keys), WIDTH), dtype=np.int64)
    places = [np.empty(0, dtype=np.int64)]
    for each in parts:
        rows = np.array([at[key] for key in each.keys], dtype=np.int64)
        np.add.at(numbers, rows, each.numbers)
        before = np.arange(len(rows))
        ends = np.searchsorted(each.places, (before + 1) * STEPS * BUCKETS)
        places.append(each.places + np.repeat((rows - before) * STEPS * BUCKETS, np.diff(ends, prepend=0)))
    fills = np.concatenate([np.empty(0, dtype=np.int64), *(each.fills for each in parts)])
    return Tally(keys, numbers, *_counted(np.concatenate(places), len(keys), fills))


def _counted(places: Integers, rows: int, fills: Integers | None = None) -> tuple[Integers, Integers]:
    """The places that occur, in order, and how often each does; or, where each has a number, the sums of these. What
    adds up to nothing is left out."""
    size = rows * STEPS * BUCKETS
    if len(places) * SPARSE < size:
        filled, which = np.unique(places, return_inverse=True)
        often = np.bincount(which, weights=fills, minlength=len(filled)).astype(np.int64)
        return filled[often != 0], often[often != 0]
    sketch = np.bincount(places, weights=fills, minlength=size)
    filled = np.flatnonzero(sketch)
    return filled, sketch[filled].astype(np.int64)


def figures_of_rows(one: Tally) -> dict[Any, Figures]:
    """The figures of each key; the means are exact."""
    numbers, found = one.numbers.tolist(), np.stack(_percentiles(one), axis=2).tolist()
    return {key: _figures(*row) for key, *row in zip(one.keys, numbers, found, strict=True)}


def _figures(numbers: list[Any], percentiles: list[list[float]]) -> Figures:
    sums = zip(percentiles, *(numbers[columns] for columns in (HIGH, LOW, COUNTS)), strict=True)
    return Figures(*numbers[:LEFT_OUT.start], *(times(*each) if each[-1] else Times() for each in sums))


def _percentiles(one: Tally) -> list[NDArray[np.float64]]:
    """Of each row and step, between the values that stand for the two neighbours; of nothing anything. Only filled
    buckets are looked at: their ranks go up through all rows."""
    counts, ranks, places = one.numbers[:, COUNTS], np.cumsum(one.fills), np.append(one.places, 0)
    steps = np.arange(counts.size).reshape(counts.shape)
    before = np.append(0, ranks)[np.searchsorted(one.places, steps * BUCKETS)]

    def value_at(rank: Integers) -> NDArray[np.float64]:
        found: NDArray[np.float64] = VALUES[places[np.searchsorted(ranks, before + rank, side="right")] % BUCKETS]
        return found

    last, found = np.maximum(counts - 1, 0), []
    for percent in PERCENTS:
        at = last * percent / 100
        low = at.astype(np.int64)
        found.append(between(value_at(low), value_at(np.minimum(low + 1, last)), at % 1))
    return found


def left_out(one: Tally) -> dict[str, int]:
    """How many cases of each status are not counted, over all keys."""
    return dict(zip(NOT_COUNTED, one.numbers[:, LEFT_OUT].sum(axis=0).tolist(), strict=True))
