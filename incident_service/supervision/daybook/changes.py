"""Which cases have changed since the daybook was written: those whose history has grown."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select

from incident_service.cases import Case, CaseEvent
from incident_service.foundation.database import db
from incident_service.supervision.daybook.days import day_of
from incident_service.supervision.daybook.models import FigureProgress
from incident_service.supervision.facts import ID, Mask
from incident_service.supervision.periods import Period

OVERLAP_MS = 60_000                                 # clocks of machines differ less; so do an id and its first write


class Changed:
    """Some cases, by the day each was reported on."""

    def __init__(self, rows: Iterable[tuple[UUID, datetime]]) -> None:
        found: dict[date, list[bytes]] = {}
        for id, opened in rows:
            found.setdefault(day_of(opened), []).append(id.bytes)
        self.by_day = {day: np.array(ids, dtype=ID) for day, ids in sorted(found.items())}

    @property
    def ids(self) -> NDArray[np.bytes_]:
        """Which cases they are."""
        return np.concatenate([np.empty(0, dtype=ID), *self.by_day.values()])

    def only(self, days: Iterable[date]) -> "Changed":
        """Those of some days."""
        some = Changed(())
        some.by_day = {day: self.by_day[day] for day in days}
        return some

    def on(self, day: date, lines: NDArray[np.bytes_]) -> Mask:
        """The lines of a day's page that bear one of them, by the ids on it, which are in order."""
        found = np.zeros(len(lines), dtype=np.bool_)
        ids = self.by_day.get(day)
        if ids is not None and len(lines):
            at = np.minimum(np.searchsorted(lines, ids), len(lines) - 1)
            found[at[lines[at] == ids]] = True
        return found


def changed_since(as_of: UUID, *, exactly: bool = False) -> Any:
    """The ids of cases whose history has grown since, and, unless `exactly`, a little before: an id may be older than
    its transaction."""
    milliseconds = max((as_of.int >> 80) - (0 if exactly else OVERLAP_MS), 0)
    return select(CaseEvent.case_id).where(CaseEvent.id >= UUID(int=milliseconds << 80)).distinct()


def overlap_is_over(as_of: UUID) -> bool:
    """Whether a daybook that is written now leaves nothing from before this moment to be read again."""
    return datetime.now(UTC).timestamp() * 1000 > (as_of.int >> 80) + OVERLAP_MS


def changes(progress: FigureProgress, period: Period, *, at_most: int | None = None) -> list[tuple[UUID, datetime]]:
    """The cases of a period that have changed since the daybook was right, and when they were reported; if there are
    more than `at_most`, the earliest."""
    asked = select(Case.id, Case.opened_at).where(Case.id.in_(changed_since(progress.as_of)), _within(period))
    if at_most is not None:                             # found first, then sorted: no walk through all cases in order
        found = asked.cte().prefix_with("MATERIALIZED", dialect="postgresql")
        asked = select(found.c.id, found.c.opened_at).order_by(found.c.opened_at).limit(at_most)
    return [(id, opened) for id, opened in db.session.execute(asked)]


def _within(period: Period) -> ColumnElement[bool]:
    return (Case.opened_at >= period.since) & (Case.opened_at < period.until)
