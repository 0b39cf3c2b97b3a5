"""Whether the daybook says what the cases say: every page and every summary is made again and compared, bit by bit."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.foundation.snapshot import snapshot
from incident_service.supervision import reading
from incident_service.supervision.daybook.changes import changes
from incident_service.supervision.daybook.days import by_month, days_of, next_month, span_of, year_of
from incident_service.supervision.daybook.models import FigureDay, FigureMonth, FigureProgress
from incident_service.supervision.daybook.packing import Lexicon, packed
from incident_service.supervision.daybook.writing import summaries, yearly
from incident_service.supervision.facts import Facts
from incident_service.supervision.grouping import wall_clock

PAGE = ("cases", "codes", "moments", "ids")
SUMMARY = ("keys", "numbers", "places", "fills")


def verify(tell: Callable[[str], object]) -> tuple[int, int]:
    """Compare every month with its cases, as of one moment, and tell what differs; (days, faults). Days with a case
    that has changed since are passed over: every answer reads those afresh."""
    days = faults = 0
    with snapshot():
        progress = db.session.get(FigureProgress, 1)
        if progress is None:
            return 0, 0
        fresh = set(changes(progress, span_of(progress.since, progress.until)).days)
        month = progress.since
        while month < progress.until:
            found, differing = _month(month, fresh)
            days += found
            for name in differing:
                faults += 1
                tell(name)
            month = next_month(month)
        for name in _years(progress):
            faults += 1
            tell(name)
    return days, faults


def _years(progress: FigureProgress) -> Iterator[str]:
    """The years whose summaries are not the sum of their months."""
    year = year_of(progress.since)
    while year < progress.until:
        stored = {each.dimension: each for each in db.session.execute(
            select(FigureMonth.__table__).where(FigureMonth.month == year))}
        for made in yearly(year):
            here = stored.get(made["dimension"])
            if here is None and not made["keys"]:
                continue
            if here is None or any(getattr(here, name) != made[name] for name in SUMMARY):
                yield f"{year:%Y} {made['dimension']}"
        year = year.replace(year=year.year + 1)


def _month(month: date, fresh: set[date]) -> tuple[int, list[str]]:
    since, until = span_of(month, next_month(month))
    truth = reading.of_cases((Case.opened_at >= since) & (Case.opened_at < until))
    pages = {page.day: page for page in db.session.execute(
        select(FigureDay.__table__).where(FigureDay.day >= month, FigureDay.day < next_month(month)))}
    days, lexicon = days_of(truth.clocks.opened), Lexicon()
    differing = [str(day) for day in sorted((days | set(pages)) - fresh)
                 if not _agrees(pages.get(day), packed(day, _on(day, truth), lexicon))]
    if not by_month(fresh).get(month) and truth.count:
        stored = {each.dimension: each for each in db.session.execute(
            select(FigureMonth.__table__).where(FigureMonth.month == month))}
        differing += [f"{month:%Y-%m} {made['dimension']}" for made in summaries(month, truth)
                      if made["dimension"] not in stored or any(
                          getattr(stored[made["dimension"]], name) != made[name] for name in SUMMARY)]
    return len(pages), differing


def _on(day: date, facts: Facts) -> Facts:
    return facts.of(wall_clock(facts.clocks.opened).astype("datetime64[D]").astype(object) == day)


def _agrees(page: Any, made: dict[str, Any]) -> bool:
    if page is None:
        return bool(made["cases"] == 0)
    return all(getattr(page, name) == made[name] for name in PAGE)
