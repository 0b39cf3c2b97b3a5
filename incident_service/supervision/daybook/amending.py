"""Amending the daybook: changed cases take the places of their lines, and what they were is taken from the sums.

Everything in a tally is a whole number, so the amended sums are the very bits that summing all cases anew would give.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import delete, insert, select, tuple_

from incident_service.cases import Case
from incident_service.foundation.database import BYTES, db
from incident_service.foundation.transaction import alone, transaction
from incident_service.supervision import reading
from incident_service.supervision.daybook.changes import Changed
from incident_service.supervision.daybook.days import year_of
from incident_service.supervision.daybook.models import FigureDay, FigureMonth
from incident_service.supervision.daybook.packing import Lexicon, packed, unpacked
from incident_service.supervision.daybook.summing import DIMENSIONS, YEAR, dimension_of, summary_row, tallies
from incident_service.supervision.facts import Facts, nothing, together
from incident_service.supervision.grouping import wall_clock
from incident_service.supervision.tally import merged, tally


def amend(month: date, changed: Changed) -> bool:
    """Write these cases of a month anew, in one transaction; False, and nothing is written, where there are no sums to
    amend. Safe to repeat: a case replaces its own line, whatever that says."""
    with transaction():
        alone("figures")
        now = reading.of_cases(Case.id.in_([reading.uuid_of(id) for id in changed.ids.tolist()]))
        lexicon = Lexicon()
        lexicon.learn(now)
        pages = dict(_pages(set(changed.days), lexicon))
        before = together([page.of(np.isin(page.ids, changed.ids)) for page in pages.values()])
        sums = _sums(month, before, now)
        if sums is None:
            return False
        days = wall_clock(now.clocks.opened).astype("datetime64[D]")
        whole = {day: together([_without(changed, pages.get(day, nothing())), now.of(days == np.datetime64(day))])
                 for day in set(days.tolist())}
        db.session.execute(delete(FigureDay).where(FigureDay.day.in_(whole)))
        db.session.execute(insert(FigureDay), [packed(day, facts, lexicon) for day, facts in whole.items()])
        db.session.execute(delete(FigureMonth).where(tuple_(FigureMonth.month, FigureMonth.dimension).in_(
            [(row["month"], row["dimension"]) for row in sums])))
        db.session.execute(insert(FigureMonth), sums)
    return True


def _pages(days: set[date], lexicon: Lexicon) -> Iterator[tuple[date, Facts]]:
    columns = (FigureDay.day, FigureDay.codes, FigureDay.moments, FigureDay.ids)
    for day, *page in db.session.execute(select(*columns).where(FigureDay.day.in_(days)), execution_options=BYTES):
        yield day, unpacked(lexicon, *page)


def _without(changed: Changed, page: Facts) -> Facts:
    return page.of(np.isin(page.ids, changed.ids, invert=True))


def _sums(month: date, before: Facts, now: Facts) -> list[dict[str, Any]] | None:
    """The amended sums of the month and of its year; None when one of them is not there."""
    rows = []
    for dimension in DIMENSIONS:
        was, has_become = (tally(some, dimension_of(some, dimension)) for some in (before, now))
        for first, name in ((month, dimension), (year_of(month), f"{YEAR}{dimension}")):
            kept = list(tallies((FigureMonth.month == first) & (FigureMonth.dimension == name)))
            if not kept:
                return None
            rows.append(summary_row(first, name, merged([*kept, was.negative(), has_become]).filled().in_order()))
    return rows
