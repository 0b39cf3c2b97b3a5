"""Reading from the daybook: pages and sums, with every case that has changed since read afresh."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, select

from incident_service.cases import Case
from incident_service.foundation.database import BYTES, db
from incident_service.supervision import reading
from incident_service.supervision.daybook import progress
from incident_service.supervision.daybook.changes import Changed, changes
from incident_service.supervision.daybook.days import (
    A_DAY,
    beginning,
    day_of,
    month_of,
    next_month,
    span_of,
    whole_days,
)
from incident_service.supervision.daybook.models import FigureDay
from incident_service.supervision.daybook.packing import Lexicon, Page, page_of, unpacked
from incident_service.supervision.daybook.summing import tallies_within, tally_by
from incident_service.supervision.daybook.writing import these
from incident_service.supervision.facts import Facts, nothing
from incident_service.supervision.periods import Period
from incident_service.supervision.tally import Tally, merged

ROWS_AT_ONCE, A_MOMENT = 1_000_000, timedelta(microseconds=1)


def read(period: Period, which: ColumnElement[bool], *, with_ids: bool = False) -> Iterator[Facts]:
    """The cases reported within a period, in pieces, as they are now. Of those that must be read from their own table
    only the ones that fit `which`; the pages hold all."""
    done = progress.current()
    covered = _overlap(span_of(done.since, done.until), period) if done else None
    if done is None or covered is None:
        yield _let_go(_from_cases(period, which), with_ids=with_ids)
        return
    changed = Changed(changes(done, covered))
    yield from _pieces(covered, changed, Lexicon(), with_ids=with_ids)
    yield _let_go(these(changed, which), with_ids=with_ids)
    for rest in _beside(covered, period):
        yield _let_go(_from_cases(rest, which), with_ids=with_ids)


def summary(period: Period, dimension: str) -> tuple[Tally, list[Period]] | None:
    """The tally of what the daybook covers of a period, as it is now, and what is left of the period beside that; None
    when there is no whole day of it. Days that the period cuts are read from their pages."""
    done = progress.current()
    covered = _overlap(span_of(done.since, done.until), period) if done else None
    if done is None or covered is None:
        return None
    first, after = whole_days(covered)
    if first >= after:
        return None
    whole, changed = span_of(first, after), Changed(changes(done, covered))
    parts = [*tallies_within(dimension, first, after), *_amendments(covered, whole, changed, dimension)]
    return merged(parts), list(_beside(covered, period))


def _amendments(covered: Period, whole: Period, changed: Changed, dimension: str) -> Iterator[Tally]:
    """What the sums of whole days lack: days that are cut, and what changed cases are in place of what they were."""
    cut = list(_beside(whole, covered))
    if not cut and not changed.by_day:
        return
    lexicon = Lexicon()
    for part in cut:
        for piece in _pieces(part, changed, lexicon, with_ids=False):
            yield tally_by(dimension, piece)
    if changed.by_day:
        summed = changed.only(day for day in changed.by_day if whole.since <= beginning(day) < whole.until)
        yield tally_by(dimension, _as_written(summed, lexicon)).negative()
        yield tally_by(dimension, these(changed))


def _overlap(one: Period, other: Period) -> Period | None:
    since, until = max(one.since, other.since), min(one.until, other.until)
    return Period(since, until) if since < until else None


def _beside(part: Period, whole: Period) -> Iterator[Period]:
    """What a period has before and after a part of it."""
    for rest in (Period(whole.since, part.since), Period(part.until, whole.until)):
        if rest.since < rest.until:
            yield rest


def _as_written(changed: Changed, lexicon: Lexicon) -> Facts:
    """The lines of changed cases, as their pages have them."""
    columns = (FigureDay.day, FigureDay.codes, FigureDay.moments, FigureDay.ids)
    found = []
    for month in dict.fromkeys(map(month_of, changed.by_day)):
        days = [day for day in changed.by_day if month_of(day) == month]
        for day, codes, moments, ids in db.session.execute(
                select(*columns).where(FigureDay.day.in_(days)), execution_options=BYTES):
            page = page_of(codes, moments, ids=ids)
            found.append(page.of(changed.on(day, page.ids)))
    return unpacked(lexicon, found) if found else nothing()


def _pieces(period: Period, changed: Changed, lexicon: Lexicon, *, with_ids: bool) -> Iterator[Facts]:
    """The pages of a period, put together: each is copied once, and what is asked of them is asked seldom."""
    some: list[Page] = []
    rows = 0
    for page in _pages(period, changed, with_ids=with_ids):
        some.append(page)
        rows += len(page.opened)
        if rows >= ROWS_AT_ONCE:
            yield unpacked(lexicon, some)
            some, rows = [], 0
    if some:
        yield unpacked(lexicon, some)


def _pages(period: Period, changed: Changed, *, with_ids: bool) -> Iterator[Page]:
    """The pages of a period without the changed cases on them, read a month at once."""
    columns: list[Any] = [FigureDay.day, FigureDay.codes, FigureDay.moments]
    if with_ids:
        columns += [FigureDay.places, FigureDay.ids]
    first, after = day_of(period.since), day_of(period.until - A_MOMENT) + A_DAY
    while first < after:
        until = min(next_month(first), after)
        here = (FigureDay.day >= first) & (FigureDay.day < until)
        ids = {} if with_ids else _ids_of([day for day in changed.by_day if first <= day < until])
        for day, codes, moments, *more in db.session.execute(
                select(*columns).where(here).order_by(FigureDay.day), execution_options=BYTES):
            page = page_of(codes, moments, *(more or (b"", ids.get(day, b""))))
            kept = page.of(_kept(day, page, period, changed))
            yield kept if with_ids else kept.without_ids()
        first = until


def _ids_of(days: list[date]) -> dict[date, bytes]:
    if not days:
        return {}
    return {day: ids for day, ids in db.session.execute(                                                # noqa: C416
        select(FigureDay.day, FigureDay.ids).where(FigureDay.day.in_(days)), execution_options=BYTES)}


def _kept(day: date, page: Page, period: Period, changed: Changed) -> Any:
    """The lines of a page that lie within the period and have not changed."""
    is_whole = period.since <= beginning(day) and beginning(day + A_DAY) <= period.until
    if is_whole and day not in changed.by_day:
        return slice(None)
    within = (page.opened >= _us(period.since)) & (page.opened < _us(period.until))
    return within & ~changed.on(day, page.ids) if day in changed.by_day else within


def _us(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.replace(tzinfo=None), "us")


def _let_go(some: Facts, *, with_ids: bool) -> Facts:
    return some if with_ids else some.without_ids()


def _from_cases(period: Period, which: ColumnElement[bool]) -> Facts:
    return reading.of_cases(which & (Case.opened_at >= period.since) & (Case.opened_at < period.until))
