"""Writing pages of the daybook, with the sums over them."""

from collections.abc import Mapping
from datetime import date

import numpy as np
from sqlalchemy import ColumnElement, delete, insert, select

from incident_service.cases import Case
from incident_service.foundation.database import BYTES, db
from incident_service.supervision import reading
from incident_service.supervision.daybook.changes import Changed
from incident_service.supervision.daybook.days import A_DAY, span_of
from incident_service.supervision.daybook.models import FigureDay
from incident_service.supervision.daybook.packing import Lexicon, packed, page_of, unpacked
from incident_service.supervision.daybook.summing import write_sums
from incident_service.supervision.facts import Facts, nothing, together
from incident_service.supervision.grouping import wall_clock

IDS_AT_ONCE = 1_000                                 # variables in one statement


def write(pages: Mapping[date, Facts]) -> None:
    """Write these days, and the sums of which they are part. Must be called alone."""
    lexicon = Lexicon()
    lexicon.learn(together(list(pages.values())))
    db.session.execute(delete(FigureDay).where(FigureDay.day.in_(list(pages))))
    rows = [packed(day, facts, lexicon) for day, facts in pages.items() if facts.count]
    if rows:
        db.session.execute(insert(FigureDay), rows)
    write_sums(pages)


def amend(changed: Changed) -> None:
    """Have these cases take the places of their lines. Must be called alone; safe to repeat."""
    lexicon, now = Lexicon(), these(changed)
    days = wall_clock(now.clocks.opened).astype("datetime64[D]")
    columns = (FigureDay.day, FigureDay.codes, FigureDay.moments, FigureDay.places, FigureDay.ids)
    pages = {day: unpacked(lexicon, [page_of(*page)]) for day, *page in db.session.execute(
        select(*columns).where(FigureDay.day.in_(list(changed.by_day))), execution_options=BYTES)}
    amended = {}
    for day in changed.by_day:
        page = pages.get(day, nothing())
        amended[day] = together([page.of(~changed.on(day, page.ids)), now.of(days == np.datetime64(day))])
    write(amended)


def these(changed: Changed, *which: ColumnElement[bool]) -> Facts:
    """Changed cases as they are now."""
    ids = [reading.uuid_of(id) for id in changed.ids.tolist()]
    return together([reading.of_cases(Case.id.in_(ids[first:first + IDS_AT_ONCE]), *which)
                     for first in range(0, len(ids), IDS_AT_ONCE)])


def facts_of(day: date) -> Facts:
    """All cases of a day as they are now."""
    since, until = span_of(day, day + A_DAY)
    return reading.of_cases((Case.opened_at >= since) & (Case.opened_at < until))
