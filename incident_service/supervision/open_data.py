"""What the city publishes: whole months by district and category, without anything personal.

A cell of few cases is left out, and one of few streets: who knows one of two would know the other. So is the next
smallest of its month and category when it would be the only one missing, so that no sum gives it away. Only months that
have ended are told.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from threading import Lock
from typing import NamedTuple

import numpy as np
from flask import current_app

from incident_service.foundation import clock
from incident_service.foundation.problems import Unavailable
from incident_service.foundation.sheets import Cell
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import callers_language, spoken
from incident_service.supervision.daybook.days import beginning, day_of, month_of, next_month
from incident_service.supervision.facts import together
from incident_service.supervision.figures import Clocks, Figures, figures, is_known, spans
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy, area_name, category_name, groups
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import pieces
from incident_service.supervision.scope import Scope

HEADER = ("month", "district", "district_name", "category", "category_name", "cases", "closed", "within_limit",
          "median_hours_to_close")
MONTHS = 12
STREETS_MIN = 3                                     # two are left over for who supervises one
RETRY_AFTER_S = 5
_counting = Lock()


class Monthly(NamedTuple):
    """The figures of one month, district and category, and how many streets they are of; none for what lies in no
    street's area."""

    month: str
    district: str
    category: str
    cases: int
    closed: int
    within_limit: int
    median_hours: float | None
    streets: int


def rows() -> Iterator[list[Cell]]:
    """The rows of the twelve months that have ended; a cell that is left out has no numbers. Counted once a day by each
    process. Raises Unavailable while they are counted for somebody else."""
    for each, is_told in _of_today():
        numbers = (each.cases, each.closed, each.within_limit, each.median_hours) if is_told else (None,) * 4
        yield [each.month, each.district, area_name(each.district) if each.district else "", each.category,
               spoken(category_name(each.category), callers_language()), *numbers]


def _of_today() -> Sequence[tuple[Monthly, bool]]:
    """The cells, and whether each may be told. Anybody may ask, so nobody waits, and one at a time counts."""
    today = day_of(clock.now())
    day, cells = current_app.extensions.get("open_data", (None, ()))
    if day == today:
        return cells
    if not _counting.acquire(blocking=False):
        raise Unavailable(retry_after_s=RETRY_AFTER_S)
    try:
        with snapshot():
            cells = [each for month in _months() for each in _month(month)]
    finally:
        _counting.release()
    current_app.extensions["open_data"] = (today, cells)
    return cells


def _month(month: date) -> list[tuple[Monthly, bool]]:
    cells = list(_cells(month))
    told = publishable(cells, least=current_app.config["FIGURES_CASES_MIN"])
    return [(each, each in told) for each in cells]


def publishable(cells: list[Monthly], *, least: int) -> set[Monthly]:
    """The cells of one month that may be told. Few of anything are not told: neither of the cases, nor of those closed
    or not, within the limit or not; and nobody is left alone among the untold of a category or a district."""
    hidden = {cell for cell in cells if _is_small(cell, least)}
    changed = True
    while changed:
        changed = False
        for line in (*_lines(cells, 1), *_lines(cells, 2)):
            untold = [cell for cell in line if cell in hidden]
            told = sorted((cell for cell in line if cell not in hidden), key=lambda cell: (cell.cases, cell))
            if len(untold) == 1 and told:
                hidden.add(told[0])
                changed = True
    return set(cells) - hidden


def _is_small(cell: Monthly, least: int) -> bool:
    parts = (cell.closed, cell.cases - cell.closed, cell.within_limit, cell.cases - cell.within_limit)
    return cell.cases < least or 0 < cell.streets < STREETS_MIN or any(0 < part < least for part in parts)


def _lines(cells: list[Monthly], field: int) -> list[list[Monthly]]:
    """The cells that share a district (1) or a category (2)."""
    lines: dict[object, list[Monthly]] = {}
    for cell in cells:
        lines.setdefault(cell[field], []).append(cell)
    return list(lines.values())


def _months() -> list[date]:
    month = month_of(day_of(clock.now()))
    found: list[date] = []
    while len(found) < MONTHS:
        month = month_of(date.fromordinal(month.toordinal() - 1))
        found.append(month)
    return found[::-1]


def _cells(month: date) -> Iterator[Monthly]:
    city = Scope([current_app.config["CITY_CODE"]])
    period = Period(beginning(month), beginning(next_month(month)))
    found = together(list(pieces(city, period, Filters())))
    found = found.of(found.counted())
    for category in groups(found, GroupBy.CATEGORY):
        of_category = found.of(category.rows)
        for district in groups(of_category, GroupBy.DISTRICT):
            of_district = of_category.of(district.rows)
            streets = sum(bool(each.key) for each in groups(of_district, GroupBy.STREET))
            here = of_district.clocks
            told = figures(here)
            yield Monthly(f"{month:%Y-%m}", district.key or "", category.key or "", told.cases, told.closed,
                       told.within_limit, _median_hours(here, told), streets)


def _median_hours(clocks: Clocks, told: Figures) -> float | None:
    """The median of the closings that were timed, when they are not few: negative spans are not."""
    timed = np.count_nonzero(is_known(spans(clocks)[-1]))
    if told.to_close.p50 is None or timed < current_app.config["FIGURES_CASES_MIN"]:
        return None
    return round(told.to_close.p50 / 3600, 1)
