"""What the city publishes: whole months by district and category, without anything personal.

A number is left out where few cases would be behind it: few in all, or few beside those of any three streets, for who
looks over two of them would know the third's. How many are closed or in time is told only where neither they nor the
others are few, so never of none or of all. And so much else of its month is left out that no sum gives a left-out
number away. Only months that have ended are told.
"""

from collections.abc import Callable, Iterator, Sequence
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
from incident_service.supervision.figures import Clocks, figures, is_known, spans
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy, area_name, category_name, groups
from incident_service.supervision.periods import Period
from incident_service.supervision.response_times import pieces
from incident_service.supervision.scope import Scope

HEADER = ("month", "district", "district_name", "category", "category_name", "cases", "closed", "within_limit",
          "median_hours_to_close")
MONTHS = 12
STREETS_KNOWN_MAX = 2                               # by who looks over less than a district
RETRY_AFTER_S = 5
_counting = Lock()


class Counts(NamedTuple):
    """How many cases, and of them closed, rectified by the deadline, and with a known time from push to closing."""

    cases: int
    closed: int
    within_limit: int
    timed: int


class Monthly(NamedTuple):
    """One month, district and category; and of each street in it, but not of what lies in no street's area."""

    month: str
    district: str
    category: str
    counts: Counts
    streets: Sequence[Counts]
    median_hours: float | None = None


Part = Callable[[Counts], int]
PARTS: dict[str, Sequence[Part]] = {                # what a published number tells of
    "cases": (lambda counts: counts.cases,),
    "closed": (lambda counts: counts.closed, lambda counts: counts.cases - counts.closed),
    "within_limit": (lambda counts: counts.within_limit, lambda counts: counts.cases - counts.within_limit)}


def rows() -> Iterator[list[Cell]]:
    """The rows of the twelve months that have ended; what is left out is empty. Counted once a day by each process.
    Raises Unavailable while they are counted for somebody else."""
    for each, told in _of_today():
        numbers = (getattr(each.counts, name) if name in told else None for name in PARTS)
        yield [each.month, each.district, area_name(each.district) if each.district else "", each.category,
               spoken(category_name(each.category), callers_language()), *numbers,
               each.median_hours if "median" in told else None]


def _of_today() -> Sequence[tuple[Monthly, set[str]]]:
    """The cells, and what of each may be told. Anybody may ask, so nobody waits, and one at a time counts."""
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


def _month(month: date) -> list[tuple[Monthly, set[str]]]:
    cells = list(_cells(month))
    told = publishable(cells, least=current_app.config["FIGURES_CASES_MIN"])
    return list(zip(cells, told, strict=True))


def publishable(cells: Sequence[Monthly], *, least: int) -> list[set[str]]:
    """Which numbers of each cell of one month may be told."""
    told: list[set[str]] = [set() for _ in cells]
    untold: set[int] = set()                                # who is not told how many does not learn how many closed
    for name, parts in PARTS.items():
        small = {at for at, cell in enumerate(cells) if any(_is_small(cell, part, least) for part in parts)}
        hidden = _widened(cells, small | untold, parts, least)
        untold = hidden if name == "cases" else untold
        for at in set(range(len(cells))) - hidden:
            told[at].add(name)
    for at, cell in enumerate(cells):
        if "cases" in told[at] and not _is_small(cell, lambda counts: counts.timed, least):
            told[at].add("median")
    return told


def _is_small(cell: Monthly, part: Part, least: int) -> bool:
    """Whether few are left beside those that somebody knows and one more, if these are the streets that have most."""
    return part(cell.counts) - sum(sorted(map(part, cell.streets))[-STREETS_KNOWN_MAX - 1:]) < least


def _widened(cells: Sequence[Monthly], hidden: set[int], parts: Sequence[Part], least: int) -> set[int]:
    """With as many more, the smallest first, as it takes that the sum of a district or of a category tells nothing of
    what is hidden in it: together that is not few, and none of it follows from sums."""
    hidden, lines, has_grown = set(hidden), _lines(cells), True
    while has_grown:
        has_grown = False
        for line in lines:
            within, others = line & hidden, sorted(line - hidden, key=lambda at: (cells[at].counts.cases, at))
            if within and others and (
                    any(sum(part(cells[at].counts) for at in within) < least for part in parts)
                    or any(_follows(at, hidden, lines) for at in within)):
                hidden.add(others[0])
                has_grown = True
    return hidden


def _follows(one: int, hidden: set[int], lines: Sequence[set[int]]) -> bool:
    """Whether a hidden cell follows from the sums of all lines in which something is told: unless a chain of other
    hidden cells, each in a line with the next, leads from one of its lines to the other. Lines that are hidden from end
    to end count as one, for nobody has their sums."""
    joined = [line & hidden for line in lines if line - hidden]
    joined.append(set().union(*(line for line in lines if line <= hidden)))
    reached, *goal = (some - {one} for some in joined if one in some)
    while near := set().union(*(some for some in joined if some & reached)) - reached - {one}:
        reached |= near
    return bool(goal) and reached.isdisjoint(*goal)


def _lines(cells: Sequence[Monthly]) -> list[set[int]]:
    """The cells that share a district, and those that share a category."""
    lines: dict[object, set[int]] = {}
    for at, cell in enumerate(cells):
        for field in ("district", "category"):
            lines.setdefault((field, getattr(cell, field)), set()).add(at)
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
            streets = [_counts(of_district.of(each.rows).clocks)
                       for each in groups(of_district, GroupBy.STREET) if each.key]
            median = figures(of_district.clocks).to_close.p50
            yield Monthly(f"{month:%Y-%m}", district.key or "", category.key or "", _counts(of_district.clocks),
                          streets, None if median is None else round(median / 3600, 1))


def _counts(clocks: Clocks) -> Counts:
    return Counts(len(clocks.opened), *(int(np.count_nonzero(each)) for each in (
        ~np.isnat(clocks.closed), clocks.done <= clocks.due, is_known(spans(clocks)[-1]))))
