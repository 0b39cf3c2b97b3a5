"""Where it happens: hexagons with their figures, and spots where the same thing recurs."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import h3
import numpy as np
import shapely
from sqlalchemy import and_, select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.foundation.snapshot import snapshot
from incident_service.supervision.facts import ID, Facts, Labels, Rows, together
from incident_service.supervision.figures import Figures, figures_of_groups
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import groups_by
from incident_service.supervision.periods import Moments, Period
from incident_service.supervision.reading import uuid_of
from incident_service.supervision.response_times import pieces
from incident_service.supervision.scope import Scope

SPOT_M, SPOT_DAYS, SPOT_CASES_MIN = 30.0, 90, 3
EARTH_M_PER_DEGREE = 111_195.0
SPOTS_MAX, NUMBERS_MAX, NUMBERS_AT_ONCE = 200, 1_000, 1_000


class Hexagon(NamedTuple):
    """A cell of the H3 grid and the figures of the cases in it."""

    cell: str
    longitude: float
    latitude: float
    boundary: list[tuple[float, float]]
    figures: Figures


class Spot(NamedTuple):
    """A place where cases of one category recur: each within 30 m and 90 days of another."""

    category: str
    longitude: float
    latitude: float
    cases: int
    first_at: Any
    last_at: Any
    numbers: list[Any]                              # of the earliest cases, in order; ids until they were looked up


def heatmap(scope: Scope, period: Period, filters: Filters, *, resolution: int) -> list[Hexagon]:
    """The hexagons that hold a case, the fullest first."""
    found, labels = _in_cells(scope, period, filters, resolution)
    each_ones = figures_of_groups(found.clocks, labels.codes, len(labels.known))
    hexagons = [_hexagon(cell, figures) for cell, figures in zip(labels.known, each_ones, strict=True)]
    return sorted(hexagons, key=lambda each: (-each.figures.cases, each.cell))


def facts_within(cell: str, scope: Scope, period: Period, filters: Filters) -> Facts:
    """The cases in one hexagon."""
    found, labels = _in_cells(scope, period, filters, h3.get_resolution(cell))
    return found.of(labels.where(lambda each: each == cell))


def _in_cells(scope: Scope, period: Period, filters: Filters, resolution: int) -> tuple[Facts, Labels]:
    """The counted cases, and in which hexagon each lies."""
    found, east, north = _placed(scope, period, filters)
    cells = [h3.latlng_to_cell(latitude, longitude, resolution)
             for longitude, latitude in zip(east.tolist(), north.tolist(), strict=True)]
    known = {cell: place for place, cell in enumerate(dict.fromkeys(cells))}
    return found, Labels(list(known), np.array([known[cell] for cell in cells], dtype=np.intp))


def _hexagon(cell: str, found: Figures) -> Hexagon:
    latitude, longitude = h3.cell_to_latlng(cell)
    return Hexagon(cell, longitude, latitude, [(east, north) for north, east in h3.cell_to_boundary(cell)], found)


def recurring_spots(scope: Scope, period: Period, filters: Filters) -> list[Spot]:
    """Where the same thing recurs, the most frequent first; at most SPOTS_MAX of them."""
    found, east, north = _placed(scope, period, filters)
    spots = [_spot(found, rows, east, north, category) for category, rows in _chains(found, east, north)]
    spots.sort(key=lambda spot: (-spot.cases, spot.category, spot.longitude, spot.latitude))
    return _numbered(spots[:SPOTS_MAX])


def facts_of_spot(number: str, scope: Scope, period: Period, filters: Filters) -> Facts:
    """The cases of the recurring spot to which a case belongs; none, where it belongs to none."""
    found, east, north = _placed(scope, period, filters)
    id = db.session.scalar(select(Case.id).where(Case.number == number))
    one = np.flatnonzero(found.ids == (id.bytes if id else b""))
    mine = (rows for _, rows in _chains(found, east, north) if np.isin(one, rows).any())
    return found.of(next(mine, np.empty(0, dtype=np.intp)))


def _chains(found: Facts, east: Any, north: Any) -> Iterator[tuple[str, Rows]]:
    """The chains that are long enough, each with its category."""
    for group in groups_by(found.labels["category"]):
        for rows in chained(east[group.rows], north[group.rows], found.clocks.opened[group.rows]):
            if len(rows) >= SPOT_CASES_MIN:
                yield str(group.key), group.rows[rows]


def _numbered(spots: list[Spot]) -> list[Spot]:
    """The same, with the numbers of their cases in place of the ids."""
    ids = [id for spot in spots for id in spot.numbers]
    numbers: dict[UUID, str] = {}
    for first in range(0, len(ids), NUMBERS_AT_ONCE):
        rows = db.session.execute(select(Case.id, Case.number).where(Case.id.in_(ids[first:first + NUMBERS_AT_ONCE])))
        numbers.update((id, number) for id, number in rows)
    return [spot._replace(numbers=[numbers[id] for id in spot.numbers]) for spot in spots]


def chained(east: Any, north: Any, opened: Moments) -> list[Any]:
    """The rows in chains: each within 30 m and 90 days of another one of its chain."""
    if not len(east):
        return []
    flat = np.column_stack([east * EARTH_M_PER_DEGREE * np.cos(np.radians(north.mean())), north * EARTH_M_PER_DEGREE])
    points: Any = shapely.points(flat)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=SPOT_M)
    near = (one < other) & (np.abs(opened[one] - opened[other]) <= np.timedelta64(SPOT_DAYS, "D"))
    root = list(range(len(east)))
    for a, b in zip(one[near].tolist(), other[near].tolist(), strict=True):
        root[_top(root, a)] = _top(root, b)
    chains: dict[int, list[int]] = {}
    for row in range(len(root)):
        chains.setdefault(_top(root, row), []).append(row)
    return [np.array(rows) for rows in chains.values()]


def _top(root: list[int], row: int) -> int:
    while root[row] != row:
        root[row] = root[root[row]]
        row = root[row]
    return row


def _spot(found: Facts, rows: Any, east: Any, north: Any, category: str) -> Spot:
    opened = found.clocks.opened[rows]
    ids = [uuid_of(id) for id in found.ids[rows[np.argsort(opened, kind="stable")][:NUMBERS_MAX]].tolist()]
    first, last = (each.item() for each in (opened.min(), opened.max()))
    return Spot(category, float(east[rows].mean()), float(north[rows].mean()), len(rows), first, last, ids)


def _placed(scope: Scope, period: Period, filters: Filters) -> tuple[Facts, Any, Any]:
    """The counted cases with their places, which pages do not keep."""
    with snapshot():
        found = together(list(pieces(scope, period, filters, with_ids=True)))
        found = found.of(found.counted())
        which = and_(scope.condition(), *filters.condition_on_cases(), Case.opened_at >= period.since,
                     Case.opened_at < period.until)
        rows = db.session.execute(select(Case.id, Case.longitude, Case.latitude).where(which)).all()
    ids = np.array([id.bytes for id, _, _ in rows], dtype=ID)
    order = np.argsort(ids)
    at = order[np.searchsorted(ids, found.ids, sorter=order)] if len(rows) else np.empty(0, dtype=np.intp)
    east, north = (np.array([row[column] for row in rows], dtype=np.float64) for column in (1, 2))
    return found, east[at], north[at]
