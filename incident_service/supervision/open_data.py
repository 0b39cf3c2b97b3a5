"""What the city publishes: whole months by district and category, without anything personal.

A cell of few cases is left out, and so is the next smallest of its month and category when it would be the only one
missing, so that no sum gives it away. Only months that have ended are told.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from flask import current_app

from incident_service.foundation import clock
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import callers_language, spoken
from incident_service.supervision.daybook.days import beginning, day_of, month_of, next_month
from incident_service.supervision.facts import together
from incident_service.supervision.figures import figures
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy, area_name, category_name, groups
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import pieces
from incident_service.supervision.scope import Scope

HEADER = ("month", "district", "district_name", "category", "category_name", "cases", "closed", "within_limit",
          "median_hours_to_close")
MONTHS = 12


class Cell(NamedTuple):
    """The figures of one month, district and category."""

    month: str
    district: str
    category: str
    cases: int
    closed: int
    within_limit: int
    median_hours: float | None


def rows() -> Iterator[tuple[object, ...]]:
    """The rows of the twelve months that have ended; a cell that is left out has no numbers."""
    for month in _months():
        cells = list(_cells(month))
        kept = publishable(cells, least=current_app.config["FIGURES_CASES_MIN"])
        for cell in cells:
            numbers = (cell.cases, cell.closed, cell.within_limit, cell.median_hours) if cell in kept else ("",) * 4
            name = category_name(cell.category)
            yield (cell.month, cell.district, area_name(cell.district) if cell.district else "", cell.category,
                   spoken(name, callers_language()), *("" if number is None else number for number in numbers))


def publishable(cells: list[Cell], *, least: int) -> set[Cell]:
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


def _is_small(cell: Cell, least: int) -> bool:
    parts = (cell.closed, cell.cases - cell.closed, cell.within_limit, cell.cases - cell.within_limit)
    return cell.cases < least or any(0 < part < least for part in parts)


def _lines(cells: list[Cell], field: int) -> list[list[Cell]]:
    """The cells that share a district (1) or a category (2)."""
    lines: dict[object, list[Cell]] = {}
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


def _cells(month: date) -> Iterator[Cell]:
    city = Scope([current_app.config["CITY_CODE"]])
    period = Period(beginning(month), beginning(next_month(month)))
    with snapshot():
        found = together(list(pieces(city, period, Filters())))
    found = found.of(found.counted())
    for category in groups(found, GroupBy.CATEGORY):
        of_category = found.of(category.rows)
        for district in groups(of_category, GroupBy.DISTRICT):
            told = figures(of_category.of(district.rows).clocks)
            median = told.to_close.p50
            yield Cell(f"{month:%Y-%m}", district.key or "", category.key or "", told.cases, told.closed,
                       told.within_limit, None if median is None else round(median / 3600, 1))
