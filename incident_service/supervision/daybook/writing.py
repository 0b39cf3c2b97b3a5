"""Writing the daybook: days whose cases have changed are read afresh, and their months summed anew."""

import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, exists, func, insert, select

from incident_service.cases import Case
from incident_service.foundation.database import BYTES, db, new_id
from incident_service.foundation.outbox import Promise, enqueue
from incident_service.foundation.transaction import alone, transaction
from incident_service.supervision import reading
from incident_service.supervision.daybook.amending import amend
from incident_service.supervision.daybook.changes import changed_since, changes, since_ms
from incident_service.supervision.daybook.days import (
    A_DAY,
    beginning,
    by_month,
    day_of,
    month_of,
    next_month,
    span_of,
    year_of,
)
from incident_service.supervision.daybook.models import FigureDay, FigureMonth, FigureProgress
from incident_service.supervision.daybook.packing import Lexicon, packed, unpacked
from incident_service.supervision.daybook.summing import DIMENSIONS, YEAR, dimension_of, summary_row, tallies
from incident_service.supervision.facts import Facts, together
from incident_service.supervision.tally import merged, tally

AMENDED_MAX = 1_000                                 # changed cases of a month; beyond that its days are read afresh
WAITING_MAX, WAITS_S_MAX = 200, 3600                # changed cases that answers read afresh, and how long they may
YEARLY = [f"{YEAR}{dimension}" for dimension in DIMENSIONS]
JOB = "workers.supervision.fold"


def fold_soon() -> None:
    """Promise that the daybook is brought up to date, once enough has changed, or some of it long ago, unless that is
    promised already. May be done by two at once."""
    if not _is_due():
        return
    with transaction():
        waiting = exists().where(Promise.job == JOB, Promise.failed_at.is_(None))
        if not db.session.scalar(select(waiting)):
            enqueue("workers.supervision.fold")


def _is_due() -> bool:
    progress = db.session.get(FigureProgress, 1, populate_existing=True)
    if progress is None or progress.zone != current_app.config["TIME_ZONE"]:
        return True
    if since_ms(new_id()) - since_ms(progress.as_of) > 1000 * WAITS_S_MAX:
        return True
    waiting = changed_since(progress.as_of).limit(WAITING_MAX).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) == WAITING_MAX


def fold(*, seconds_max: float = 60.0) -> bool:
    """Bring the daybook up to date; whether it is. Safe to repeat, and by several at once: each month is written, or
    amended, in one transaction, alone, from what the cases say then; only afterwards the daybook claims a later
    moment."""
    started, deadline = new_id(), time.monotonic() + seconds_max
    progress = _progress()
    if progress is None:
        return _begin(started, deadline)
    for month, some in changes(progress, span_of(progress.since, progress.until)).by_month().items():
        if len(some.ids) > AMENDED_MAX or not amend(month, some):
            _write(month, sorted(set(some.days)))
    _reach(progress.since, progress.until, started)
    return _extend(progress.since, progress.until, started, deadline)


def rebuild() -> int:
    """Throw the daybook away and write it again; how many days it has then."""
    with transaction():
        alone("figures")
        for model in (FigureDay, FigureMonth, FigureProgress):
            db.session.execute(delete(model))
    while not fold(seconds_max=float("inf")):
        pass
    return db.session.scalar(select(func.count()).select_from(FigureDay)) or 0


def _progress() -> FigureProgress | None:
    found = db.session.get(FigureProgress, 1, populate_existing=True)
    if found is not None and found.zone != current_app.config["TIME_ZONE"]:
        with transaction():
            alone("figures")
            for model in (FigureDay, FigureMonth, FigureProgress):
                db.session.execute(delete(model))
        return None
    return found


def _begin(started: UUID, deadline: float) -> bool:
    """The month of the first case of all is where it begins."""
    first = db.session.scalar(select(func.min(Case.opened_at)))
    if first is None:
        return True
    month = month_of(day_of(first))
    return _extend(month, month, started, deadline)


def _extend(since: date, until: date, started: UUID, deadline: float) -> bool:
    """Cover later months up to the present one, and earlier ones that an import brought, until the time is up. Whole
    months only: what is reported in one of them later has grown since."""
    last = db.session.scalar(select(func.max(Case.opened_at)))
    end = until if last is None else max(until, next_month(month_of(day_of(last))))
    for month, days in by_month(_days_with_cases(beginning(until), beginning(end))).items():
        if time.monotonic() > deadline:
            return False
        _write(month, days)
        _reach(since, until := next_month(month), started)
    _reach(since, end, started)
    earlier = by_month(_days_with_cases(None, beginning(since)))
    for month, days in sorted(earlier.items(), reverse=True):
        if time.monotonic() > deadline:
            return False
        _write(month, days)
        _reach(month, end, started)
    return True


def _days_with_cases(since: datetime | None, until: datetime) -> Iterator[date]:
    """The days between two moments on which a case was reported; leaps over those without."""
    while True:
        which = Case.opened_at < until
        first = db.session.scalar(select(func.min(Case.opened_at)).where(
            which if since is None else which & (Case.opened_at >= since)))
        if first is None:
            return
        yield day_of(first)
        since = beginning(day_of(first) + A_DAY)


def _write(month: date, days: list[date]) -> None:
    """Write these days of a month, and the summaries of the month and its year, in one transaction."""
    with transaction():
        alone("figures")
        pages = {day: _facts_of(day) for day in days}
        lexicon = Lexicon()
        lexicon.learn(together(list(pages.values())))
        db.session.execute(delete(FigureDay).where(FigureDay.day.in_(days)))
        rows = [packed(day, facts, lexicon) for day, facts in pages.items() if facts.count]
        if rows:
            db.session.execute(insert(FigureDay), rows)
        others = db.session.execute(select(FigureDay.codes, FigureDay.moments).where(
            FigureDay.day >= month, FigureDay.day < next_month(month), FigureDay.day.not_in(days)),
            execution_options=BYTES)
        whole = together([*(facts.without_ids() for facts in pages.values()),
                          *(unpacked(lexicon, *row) for row in others)])
        _replace(month, DIMENSIONS, summaries(month, whole))
        _replace(year_of(month), YEARLY, yearly(year_of(month)))


def _replace(month: date, dimensions: Sequence[str], rows: Iterator[dict[str, Any]]) -> None:
    made = list(rows)
    db.session.execute(delete(FigureMonth).where(FigureMonth.month == month, FigureMonth.dimension.in_(dimensions)))
    db.session.execute(insert(FigureMonth), made)


def _facts_of(day: date) -> Facts:
    since, until = span_of(day, day + A_DAY)
    return reading.of_cases((Case.opened_at >= since) & (Case.opened_at < until))


def summaries(month: date, facts: Facts) -> Iterator[dict[str, Any]]:
    """A month's tallies by each dimension."""
    for dimension in DIMENSIONS:
        yield summary_row(month, dimension, tally(facts, dimension_of(facts, dimension)))


def yearly(year: date) -> Iterator[dict[str, Any]]:
    """A year's tallies by each dimension, added up from its months."""
    for dimension in DIMENSIONS:
        months = tallies((FigureMonth.dimension == dimension) & (FigureMonth.month >= year)
                         & (FigureMonth.month < year.replace(year=year.year + 1)))
        yield summary_row(year, f"{YEAR}{dimension}", merged(months).in_order())


def _reach(since: date, until: date, as_of: UUID) -> None:
    """Say how far the daybook goes, and up to when it is right."""
    with transaction():
        alone("figures")
        db.session.execute(delete(FigureProgress))
        db.session.execute(insert(FigureProgress), [{
            "id": 1, "zone": current_app.config["TIME_ZONE"], "since": since, "until": until, "as_of": as_of}])
