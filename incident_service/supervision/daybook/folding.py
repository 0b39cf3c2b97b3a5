"""Bringing the daybook up to date, slice by slice.

A slice is one transaction, alone, that reads how far the daybook goes, writes some days, and says so: whoever is
killed, or does the same at the same time, or throws all of it away, leaves nothing claimed that is not written.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import accumulate, islice

from flask import current_app
from sqlalchemy import exists, func, select

from incident_service.cases import Case
from incident_service.foundation.database import db, is_postgresql
from incident_service.foundation.outbox import Promise, enqueue
from incident_service.foundation.transaction import alone, transaction
from incident_service.supervision.daybook import progress
from incident_service.supervision.daybook.changes import Changed, changed_since, changes, overlap_is_over
from incident_service.supervision.daybook.days import A_DAY, beginning, day_of, next_year, span_of, year_of
from incident_service.supervision.daybook.models import FigureDay, FigureProgress
from incident_service.supervision.daybook.writing import amend, facts_of, write
from incident_service.supervision.facts import Facts

WAITING_MAX = 200                                   # changed cases that answers read afresh, a burst's for a minute
CHANGES_AT_ONCE, LINES_AT_ONCE = 5_000, 300_000     # of one slice: what it amends, and the pages that this is on;
CASES_AT_ONCE, DAYS_AT_ONCE = 20_000, 62            # what it reads afresh, and any days. A day is not cut
PAUSE_S_MAX = 0.15                                  # who waits for SQLite looks every 0.1 s whether it is free
JOB = "workers.supervision.fold"


def fold_soon() -> None:
    """Promise that the daybook is brought up to date, once enough has changed or a day has no page, unless that is
    promised already. May be done by two at once."""
    if not _is_due():
        return
    with transaction():
        waiting = exists().where(Promise.job == JOB, Promise.failed_at.is_(None))
        if not db.session.scalar(select(waiting)):
            enqueue("workers.supervision.fold")


def fold_as_promised() -> None:
    """Bring the daybook up to date for a while, and promise the rest."""
    if not fold():
        with transaction():
            enqueue("workers.supervision.fold")


def fold(*, seconds_max: float = 60.0) -> bool:
    """Bring the daybook up to date; whether it is. Safe to repeat, and by several at once: what a slice has written
    stays, and the next goes on from there, whoever does it."""
    deadline = (began := time.monotonic()) + seconds_max
    for step in (_amend_some, _cover_some):
        while _alone(step):
            if (ended := time.monotonic()) > deadline:
                return False
            _let_others_write(ended - began)
            began = time.monotonic()
    return True


def _let_others_write(after_s: float) -> None:
    """Leave SQLite, which has one writer, to others for as long as they may sleep before they look again."""
    if not is_postgresql():
        time.sleep(min(after_s, PAUSE_S_MAX))


def rebuild() -> int | None:
    """Throw the daybook away and write it again; how many days it has then. None when it has not begun, because
    somebody writes of whom nobody knows since when: it begins by itself once they have ended."""
    with transaction():
        alone("figures")
        progress.forget_all()
    fold(seconds_max=float("inf"))
    if progress.current() is None and _is_due():
        return None
    return db.session.scalar(select(func.count()).select_from(FigureDay)) or 0


def _is_due() -> bool:
    done = progress.current()
    if done is None:
        return db.session.scalar(select(func.min(Case.opened_at))) is not None
    if done.next_as_of is not None or any(_later(beginning(done.until))) or any(_earlier(beginning(done.since))):
        return True
    # What was written within the overlap is read again all the same, until a later moment is claimed.
    waiting = changed_since(done.as_of, exactly=not overlap_is_over(done.as_of)).limit(WAITING_MAX).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) == WAITING_MAX


def _alone(step: Callable[[], bool]) -> bool:
    with transaction():
        alone("figures")
        return step()


def _amend_some() -> bool:
    """Days of a round on which cases have changed; whether the round goes on. At its end every change from before its
    beginning is written, and what has changed since is the next one's."""
    done = progress.current()
    if done is None or not _is_in_a_round(done):
        return False
    rows = changes(done, span_of(done.next_day or done.since, done.until), at_most=CHANGES_AT_ONCE + 1)
    changed, is_cut = Changed(rows), len(rows) > CHANGES_AT_ONCE
    days = list(changed.by_day)
    if is_cut and len(days) == 1:                       # who knows how many more there are on it
        write({days[0]: facts_of(days[0])})
    elif days:
        days = _some(days[:-1] if is_cut else days)
        amend(changed.only(days))
    if is_cut or len(days) < len(changed.by_day):
        done.next_day = days[-1] + A_DAY
        return True
    done.as_of, done.next_as_of, done.next_day = done.next_as_of or done.as_of, None, None
    return False


def _is_in_a_round(done: FigureProgress) -> bool:
    """Whether one is under way, or can begin: while a writer is as old as the daybook, no later moment can be claimed,
    and answers would read all the same cases afresh after it as before."""
    if done.next_as_of is None:
        moment = progress.horizon()
        if moment is None or moment <= done.as_of:
            return False
        done.next_as_of, done.next_day = moment, done.since
    return True


def _some(days: list[date]) -> list[date]:
    """As many of these days as one slice may write, at least one."""
    cases = {day: count for day, count in db.session.execute(                                           # noqa: C416
        select(FigureDay.day, FigureDay.cases).where(FigureDay.day.in_(days)))}
    sums = accumulate(cases.get(day, 0) for day in days)
    return days[:max(sum(rows <= LINES_AT_ONCE for rows in sums), 1)][:DAYS_AT_ONCE]


def _cover_some() -> bool:
    """Days without a page, first those after the last page, then those before the first; whether there may be more of
    them. In the end whole years are covered: what is reported in one of them later has changed since."""
    done = progress.current()
    if done is None:
        return _begin()
    if pages := _read(_later(beginning(done.until))):
        write(pages)
        done.until = max(pages) + A_DAY
        return True
    if pages := _read(_earlier(beginning(done.since))):
        write(pages)
        done.since = min(pages)
        return True
    done.since, done.until = year_of(done.since), next_year(done.until - A_DAY)
    return False


def _begin() -> bool:
    """A new daybook without a page; False when there is no case, or somebody of whom nobody knows since when writes."""
    first, moment = db.session.scalar(select(func.min(Case.opened_at))), progress.horizon()
    if first is None or moment is None:
        return False
    progress.forget_all()
    day = day_of(first)
    db.session.add(FigureProgress(
        id=1, zone=current_app.config["TIME_ZONE"], since=day, until=day, as_of=moment, next_as_of=None, next_day=None))
    return True


def _read(days: Iterator[date]) -> dict[date, Facts]:
    """The first of these days, as many as one slice may write."""
    pages: dict[date, Facts] = {}
    for day in islice(days, DAYS_AT_ONCE):
        pages[day] = facts_of(day)
        if sum(page.count for page in pages.values()) >= CASES_AT_ONCE:
            break
    return pages


def _later(since: datetime) -> Iterator[date]:
    """The days from a moment on with a case; leaps over those without."""
    while first := db.session.scalar(select(func.min(Case.opened_at)).where(Case.opened_at >= since)):
        yield day_of(first)
        since = beginning(day_of(first) + A_DAY)


def _earlier(until: datetime) -> Iterator[date]:
    """The days before a moment with a case, the latest first."""
    while last := db.session.scalar(select(func.max(Case.opened_at)).where(Case.opened_at < until)):
        yield day_of(last)
        until = beginning(day_of(last))
