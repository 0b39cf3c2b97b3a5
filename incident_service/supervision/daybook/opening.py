"""Reading from the daybook: pages, with every case that has changed since read afresh."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select

from incident_service.cases import Case
from incident_service.foundation.database import BYTES, db
from incident_service.supervision import reading
from incident_service.supervision.daybook.changes import Changed, changes
from incident_service.supervision.daybook.days import (
    A_DAY,
    beginning,
    day_of,
    month_of,
    next_month,
    whole_months,
    whole_years,
)
from incident_service.supervision.daybook.models import FigureDay, FigureMonth, FigureProgress
from incident_service.supervision.daybook.packing import Lexicon, unpacked
from incident_service.supervision.daybook.summing import YEAR, dimension_of, tallies
from incident_service.supervision.facts import Facts, together
from incident_service.supervision.periods import Period
from incident_service.supervision.tally import Tally, merged, tally

CASES_AT_ONCE = 1_000                               # variables in one statement
ROWS_AT_ONCE = 500_000


def read(period: Period, which: ColumnElement[bool], *, with_ids: bool = False) -> Iterator[Facts]:
    """The cases reported within a period, in pieces, as they are now. Of those that must be read from their own table
    only the ones that fit `which`; the pages hold all."""
    progress = db.session.get(FigureProgress, 1, populate_existing=True)
    covered = _covered(progress, period)
    if progress is None or covered is None:
        found = _from_cases(period, which)
        yield found if with_ids else found.without_ids()
        return
    changed = changes(progress, covered)
    yield from _pieces(_pages(covered, changed, with_ids=with_ids))
    for first in range(0, len(changed.ids), CASES_AT_ONCE):
        fresh = _these(changed.ids[first:first + CASES_AT_ONCE], which)
        yield fresh if with_ids else fresh.without_ids()
    for rest in _beside(covered, period):
        found = _from_cases(rest, which)
        yield found if with_ids else found.without_ids()


def summary(period: Period, dimension: str) -> tuple[Tally, list[Period]] | None:
    """The tally of the whole months within a period, as they are now, and what is left of the period beside them;
    None when the daybook has no whole month of it."""
    progress = db.session.get(FigureProgress, 1, populate_existing=True)
    if progress is None:
        return None
    first, after = whole_months(period)
    first, after = max(first, progress.since), min(after, progress.until)
    if first >= after:
        return None
    whole = Period(beginning(first), beginning(after))
    year, after_years = whole_years(first, after)
    in_years = (FigureMonth.month >= year) & (FigureMonth.month < after_years)
    in_all = (FigureMonth.month >= first) & (FigureMonth.month < after)
    kept = tallies((in_years & (FigureMonth.dimension == f"{YEAR}{dimension}"))
                   | (in_all & ~in_years & (FigureMonth.dimension == dimension)))
    return merged([*kept, *_corrections(progress, whole, dimension)]), list(_beside(whole, period))


def _beside(part: Period, whole: Period) -> Iterator[Period]:
    """What a period has before and after a part of it."""
    for rest in (Period(whole.since, part.since), Period(part.until, whole.until)):
        if rest.since < rest.until:
            yield rest


def _corrections(progress: FigureProgress, whole: Period, dimension: str) -> Iterator[Tally]:
    """What changed cases were is taken away, what they are is added."""
    changed = changes(progress, whole)
    if not len(changed.ids):
        return
    for page in _pages(whole, changed, with_ids=True, only_changed=True):
        yield tally(page, dimension_of(page, dimension)).negative()
    for first in range(0, len(changed.ids), CASES_AT_ONCE):
        now = _these(changed.ids[first:first + CASES_AT_ONCE])
        yield tally(now, dimension_of(now, dimension))


def _covered(progress: FigureProgress | None, period: Period) -> Period | None:
    """The part of a period for which there are pages."""
    if progress is None:
        return None
    since, until = max(period.since, beginning(progress.since)), min(period.until, beginning(progress.until))
    return Period(since, until) if since < until else None


def _pages(period: Period, changed: Changed, *, with_ids: bool, only_changed: bool = False) -> Iterator[Facts]:
    """The pages of a period without the changed cases on them; or of these nothing but what they were."""
    lexicon = Lexicon()
    columns: list[Any] = [FigureDay.day, FigureDay.codes, FigureDay.moments, *([FigureDay.ids] if with_ids else [])]
    month, last = month_of(day_of(period.since)), day_of(period.until)
    while month <= last:
        first, after = max(month, day_of(period.since)), min(next_month(month), last + A_DAY)
        here = (FigureDay.day >= first) & (FigureDay.day < after)
        theirs = here & FigureDay.day.in_([day for day in changed.days if month_of(day) == month])
        ids = {day: each for day, each in db.session.execute(                                           # noqa: C416
            select(FigureDay.day, FigureDay.ids).where(theirs), execution_options=BYTES)}
        for day, codes, moments, *_ in db.session.execute(
                select(*columns).where(theirs if only_changed else here).order_by(FigureDay.day),
                execution_options=BYTES):
            page = unpacked(lexicon, codes, moments, _[0] if _ else ids.get(day, b""))
            if beginning(day) < period.since or beginning(day + A_DAY) > period.until:
                page = page.of((page.clocks.opened >= _us(period.since)) & (page.clocks.opened < _us(period.until)))
            if day in changed.days:
                page = page.of(np.isin(page.ids, changed.ids, invert=not only_changed))
            yield page if with_ids else page.without_ids()
        month = next_month(month)


def _us(moment: Any) -> np.datetime64:
    return np.datetime64(moment.replace(tzinfo=None), "us")


def _pieces(pages: Iterator[Facts]) -> Iterator[Facts]:
    """Pages put together, so that what is asked of them is asked seldom."""
    some: list[Facts] = []
    rows = 0
    for page in pages:
        some.append(page)
        rows += page.count
        if rows >= ROWS_AT_ONCE:
            yield together(some)
            some, rows = [], 0
    if some:
        yield together(some)


def _from_cases(period: Period, which: ColumnElement[bool]) -> Facts:
    return reading.of_cases(which & (Case.opened_at >= period.since) & (Case.opened_at < period.until))


def _these(ids: NDArray[np.bytes_], *which: ColumnElement[bool]) -> Facts:
    return reading.of_cases(Case.id.in_([reading.uuid_of(id) for id in ids.tolist()]), *which)
