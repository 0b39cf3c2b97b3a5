"""Where it happens: hexagons with their figures, and spots where the same thing recurs."""

from itertools import islice, repeat
from typing import Any, NamedTuple
from uuid import UUID

import h3
import numpy as np
from h3.api.basic_int import cell_to_boundary, cell_to_latlng, latlng_to_cell
from numpy.typing import NDArray
from sqlalchemy import select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.foundation.snapshot import snapshot
from incident_service.supervision.chains import chained
from incident_service.supervision.facts import Facts, Rows, together
from incident_service.supervision.figures import Figures, figures_of_groups, has_deadline
from incident_service.supervision.filters import Filters
from incident_service.supervision.periods import Period
from incident_service.supervision.reading import uuid_of
from incident_service.supervision.response_times import pieces
from incident_service.supervision.scope import Scope

SPOT_CASES_MIN = 3
DECIMALS = 6                                        # of degrees: a tenth of a metre
SPOTS_MAX, NUMBERS_MAX, NUMBERS_AT_ONCE = 200, 1_000, 1_000


class Hexagon(NamedTuple):
    """A cell of the H3 grid and the figures of the cases in it."""

    cell: str
    longitude: float
    latitude: float
    boundary: list[list[float]]
    figures: Figures
    with_deadline: int                              # of its cases


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
    found = _counted(scope, period, filters)
    known, codes = np.unique(_cells(found, resolution), return_inverse=True)
    each_ones = figures_of_groups(found.clocks, codes, len(known))
    with_deadline = np.bincount(codes[has_deadline(found.clocks)], minlength=len(known)).tolist()
    hexagons = map(Hexagon, map(h3.int_to_str, known.tolist()), *_drawn(known.tolist()), each_ones, with_deadline)
    return sorted(hexagons, key=lambda each: (-each.figures.cases, each.cell))


def facts_within(cell: str, scope: Scope, period: Period, filters: Filters) -> Facts:
    """The cases in one hexagon."""
    found = _counted(scope, period, filters)
    corners = np.array(h3.cell_to_boundary(cell))[:, ::-1]
    least, most = corners.min(axis=0), corners.max(axis=0)
    near = found.of((np.abs(found.places - (least + most) / 2) < most - least).all(axis=1))     # a box twice its size
    return near.of(_cells(near, h3.get_resolution(cell)) == h3.str_to_int(cell))


def _cells(found: Facts, resolution: int) -> NDArray[np.uint64]:
    """The hexagon in which each case lies."""
    longitude, latitude = found.places.T.tolist()
    return np.array(list(map(latlng_to_cell, latitude, longitude, repeat(resolution))), dtype=np.uint64)


def _drawn(cells: list[int]) -> tuple[list[float], list[float], list[list[list[float]]]]:
    """The middles of hexagons, longitudes and latitudes, and their corners."""
    if not cells:
        return [], [], []
    latitudes, longitudes = np.round([cell_to_latlng(cell) for cell in cells], DECIMALS).T.tolist()
    corners = [cell_to_boundary(cell) for cell in cells]
    flat = iter(np.round(np.concatenate(corners)[:, ::-1], DECIMALS).tolist())
    return longitudes, latitudes, [list(islice(flat, len(each))) for each in corners]


def recurring_spots(scope: Scope, period: Period, filters: Filters) -> list[Spot]:
    """Where the same thing recurs, the most frequent first; at most SPOTS_MAX of them."""
    found = _each_once(scope, period, filters)
    chains = _chains(found)
    last = sorted(map(len, chains), reverse=True)[:SPOTS_MAX][-1:]
    spots = [_spot(found.of(rows)) for rows in chains if [len(rows)] >= last]
    spots.sort(key=lambda spot: (-spot.cases, spot.category, spot.longitude, spot.latitude))
    return _numbered(spots[:SPOTS_MAX])


def facts_of_spot(number: str, scope: Scope, period: Period, filters: Filters) -> Facts:
    """The cases of the recurring spot to which a case belongs; none, where it belongs to none."""
    found = _each_once(scope, period, filters)
    id = db.session.scalar(select(Case.id).where(Case.number == number))
    one = np.flatnonzero(found.ids == (id.bytes if id else b""))
    mine = (rows for rows in _chains(found) if np.isin(one, rows).any())
    return found.of(next(mine, np.empty(0, dtype=np.intp)))


def _chains(found: Facts) -> list[Rows]:
    longitude, latitude = found.places.T
    return chained(longitude, latitude, found.clocks.opened, found.labels["category"].codes, least=SPOT_CASES_MIN)


def _numbered(spots: list[Spot]) -> list[Spot]:
    """The same, with the numbers of their cases in place of the ids."""
    ids = [id for spot in spots for id in spot.numbers]
    numbers: dict[UUID, str] = {}
    for first in range(0, len(ids), NUMBERS_AT_ONCE):
        rows = db.session.execute(select(Case.id, Case.number).where(Case.id.in_(ids[first:first + NUMBERS_AT_ONCE])))
        numbers.update((id, number) for id, number in rows)
    return [spot._replace(numbers=[numbers[id] for id in spot.numbers]) for spot in spots]


def _spot(found: Facts) -> Spot:
    opened = found.clocks.opened
    ids = [uuid_of(id) for id in found.ids[np.argsort(opened, kind="stable")][:NUMBERS_MAX].tolist()]
    first, last = (each.item() for each in (opened.min(), opened.max()))
    known, codes = found.labels["category"]
    longitude, latitude = found.places.mean(axis=0).tolist()
    return Spot(str(known[codes[0]]), longitude, latitude, found.count, first, last, ids)


def _each_once(scope: Scope, period: Period, filters: Filters) -> Facts:
    """The same, but for several shares in one case only one of them: they recur nowhere."""
    found = _counted(scope, period, filters)
    return found.of(np.unique(found.ids, return_index=True)[1]) if filters.is_of_responders else found


def _counted(scope: Scope, period: Period, filters: Filters) -> Facts:
    with snapshot():
        found = together(list(pieces(scope, period, filters, with_ids=True)))
    return found.only_counted()
