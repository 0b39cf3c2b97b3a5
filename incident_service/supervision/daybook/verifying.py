"""Whether the daybook says what the cases say: every page and every sum is made again and compared, bit by bit."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import func, select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.foundation.snapshot import snapshot
from incident_service.supervision import reading
from incident_service.supervision.daybook import progress
from incident_service.supervision.daybook.changes import Changed, changes
from incident_service.supervision.daybook.days import FIRST_OF, NEXT, days_of, month_of, next_month, span_of
from incident_service.supervision.daybook.models import FigureDay, FigureSum, Length
from incident_service.supervision.daybook.packing import Lexicon, packed, page_of, unpacked
from incident_service.supervision.daybook.summing import DIMENSIONS, MADE_OF, made_of, sum_row, tally_by
from incident_service.supervision.facts import Facts, nothing
from incident_service.supervision.grouping import wall_clock

PAGE = ("cases", "codes", "moments", "places", "ids")
SUM = ("keys", "numbers", "places", "fills")
NAMED = {Length.DAY: "%Y-%m-%d", Length.MONTH: "%Y-%m", Length.YEAR: "%Y"}


def verify(tell: Callable[[str], object]) -> tuple[int, int]:
    """Compare every day with its cases, the sums of a day with its page, and longer ones with the shorter, as of one
    moment, and tell what differs; (days, faults). The lines of cases that have changed since are not compared: every
    answer reads such cases afresh."""
    faults = 0
    with snapshot():
        done = progress.current()
        if done is None:
            return 0, 0
        changed = Changed(changes(done, span_of(done.since, done.until)))
        month = month_of(done.since)
        while month < done.until:
            first, after = max(month, done.since), min(month := next_month(month), done.until)
            for name in _differing(first, after, changed):
                faults += 1
                tell(name)
        for name in _longer(done.since, done.until):
            faults += 1
            tell(name)
        return db.session.scalar(select(func.count()).select_from(FigureDay)) or 0, faults


def _differing(first: date, after: date, changed: Changed) -> Iterator[str]:
    """The days whose page is not that of their cases, and those whose sums are not those of their page."""
    since, until = span_of(first, after)
    truth = reading.of_cases((Case.opened_at >= since) & (Case.opened_at < until))
    pages = {page.day: page for page in db.session.execute(
        select(FigureDay.__table__).where(FigureDay.day >= first, FigureDay.day < after))}
    sums, lexicon = _sums(Length.DAY, first, after), Lexicon()
    for day in sorted(days_of(truth.clocks.opened) | set(pages) | {day for _, day in sums}):
        page = pages.get(day)
        written = unpacked(lexicon, [page_of(page.codes, page.moments, page.places, page.ids)]) if page else nothing()
        true = _on(day, truth)
        if day in changed.by_day:
            ours, theirs = (packed(day, _others(day, facts, changed), lexicon) for facts in (written, true))
            is_right = ours == theirs
        else:
            is_right = _is(page, packed(day, true, lexicon), PAGE, is_empty="cases")
        if not is_right:
            yield str(day)
        for dimension in DIMENSIONS:
            made = sum_row(dimension, Length.DAY, day, tally_by(dimension, written))
            if not _is(sums.get((dimension, day)), made, SUM, is_empty="keys"):
                yield f"{day} {dimension}"


def _longer(since: date, until: date) -> Iterator[str]:
    """The months that are not the sum of their days, and the years that are not that of their months."""
    for length in MADE_OF:
        first = FIRST_OF[length](since)
        sums = _sums(length, first, until)
        while first < until:
            for dimension in DIMENSIONS:
                made = sum_row(dimension, length, first, made_of(dimension, length, first))
                if not _is(sums.get((dimension, first)), made, SUM, is_empty="keys"):
                    yield f"{first.strftime(NAMED[length])} {dimension}"
            first = NEXT[length](first)


def _sums(length: Length, first: date, after: date) -> dict[tuple[str, date], Any]:
    return {(each.dimension, each.first): each for each in db.session.execute(select(FigureSum.__table__).where(
        FigureSum.length == length, FigureSum.first >= first, FigureSum.first < after))}


def _others(day: date, facts: Facts, changed: Changed) -> Facts:
    """The cases of a day that have not changed since, in the order of their ids."""
    ordered = facts.of(np.argsort(facts.ids, kind="stable"))
    return ordered.of(~changed.on(day, ordered.ids))


def _on(day: date, facts: Facts) -> Facts:
    return facts.of(wall_clock(facts.clocks.opened).astype("datetime64[D]").astype(object) == day)


def _is(kept: Any, made: dict[str, Any], columns: tuple[str, ...], *, is_empty: str) -> bool:
    if kept is None:
        return not made[is_empty]
    return all(getattr(kept, name) == made[name] for name in columns)
