"""Chains of points that lie near each other in place and time. Pure arithmetic: no database, no Flask."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from incident_service.supervision.facts import Rows
from incident_service.supervision.periods import Moments

NEAR_M, NEAR = 30.0, np.timedelta64(90, "D")
EARTH_M_PER_DEGREE = 111_195.0
SIDE_M = 21.0                                       # of a square any two points in which are near each other
AROUND = [(east, north) for east in range(-2, 3) for north in range(-2, 3) if (east, north) > (0, 0)]
PAIRS_AT_ONCE = 2_000_000
Numbers = NDArray[Any]


def chained(east: Numbers, north: Numbers, opened: Moments, kinds: Numbers, *, least: int = 1) -> list[Rows]:
    """The rows of each chain of at least so many: every one within 30 m and 90 days of another of its kind in it."""
    if not len(east):
        return []
    x, y = east * EARTH_M_PER_DEGREE * np.cos(np.radians(north.mean())), north * EARTH_M_PER_DEGREE
    squares, step = _squares(x, y, kinds)
    in_time = np.argsort(opened, kind="stable")
    order = in_time[np.argsort(squares[in_time], kind="stable")]
    x, y, opened, squares = x[order], y[order], opened[order], squares[order]
    together = (squares[1:] == squares[:-1]) & (opened[1:] - opened[:-1] <= NEAR)
    first = np.flatnonzero(together)
    root = _joined(np.arange(len(x)), first, first + 1)
    for a, b in _neighbours(squares, step):
        near = (np.hypot(x[a] - x[b], y[a] - y[b]) <= NEAR_M) & (np.abs(opened[a] - opened[b]) <= NEAR)
        root = _joined(root, a[near], b[near])
    return _parts(order, root, least)


def _squares(x: Numbers, y: Numbers, kinds: Numbers) -> tuple[Numbers, int]:
    """The square in which each point of a kind lies, and by how much the one to its east is a higher number."""
    column, row = (np.floor((each - each.min()) / SIDE_M).astype(np.int64) + 2 for each in (x, y))
    width, height = int(column.max()) + 3, int(row.max()) + 3
    return (kinds.astype(np.int64) * width + column) * height + row, height


def _neighbours(squares: Numbers, step: int) -> Iterator[tuple[Numbers, Numbers]]:
    """The pairs of points in different squares near enough to each other, some of them at once."""
    keys, begins, counts = np.unique(squares, return_index=True, return_counts=True)
    for east, north in AROUND:
        wanted = keys + east * step + north
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        here = np.flatnonzero(keys[at] == wanted)
        points, other = _ranges(begins[here], counts[here]), np.repeat(at[here], counts[here])
        turns = np.cumsum(counts[other]) // PAIRS_AT_ONCE
        for some in np.split(np.arange(len(points)), np.flatnonzero(np.diff(turns)) + 1):
            there = other[some]
            yield np.repeat(points[some], counts[there]), _ranges(begins[there], counts[there])


def _ranges(begins: Numbers, counts: Numbers) -> Numbers:
    """The numbers from each beginning on, so many of each."""
    return np.repeat(begins - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())


def _joined(root: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """The chain of each point, named by one of its points, once these pairs are linked."""
    while len(a):
        np.minimum.at(root, np.maximum(root[a], root[b]), np.minimum(root[a], root[b]))
        while not np.array_equal(further := root[root], root):
            root = further
        apart = root[a] != root[b]
        a, b = a[apart], b[apart]
    return root


def _parts(order: Rows, root: Numbers, least: int) -> list[Rows]:
    _, chain, size = np.unique(root, return_inverse=True, return_counts=True)
    long = size[chain] >= least
    rows, chain = order[long], chain[long]
    by_chain = np.argsort(chain, kind="stable")
    ends = np.flatnonzero(np.diff(chain[by_chain])) + 1
    return [np.sort(some) for some in np.split(rows[by_chain], ends) if len(some)]
