"""Which cases have changed since the daybook was written: those whose history has grown."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from incident_service.cases import Case, CaseEvent
from incident_service.foundation.database import db
from incident_service.supervision.daybook.days import day_of, month_of
from incident_service.supervision.daybook.models import FigureProgress
from incident_service.supervision.facts import ID
from incident_service.supervision.periods import Period

OVERLAP_MS = 60_000                                 # no transaction lasts so long from its first id to its commit


class Changed(NamedTuple):
    """Some cases, and the day each was reported on."""

    ids: NDArray[np.bytes_]
    days: list[date]

    def by_month(self) -> dict[date, "Changed"]:
        """The same in order, by the months of their days."""
        months = [month_of(day) for day in self.days]
        return {month: self._of(row for row, each in enumerate(months) if each == month)
                for month in sorted(set(months))}

    def _of(self, rows: Iterable[int]) -> "Changed":
        some = list(rows)
        return Changed(self.ids[some], [self.days[row] for row in some])


def changed_since(as_of: UUID) -> Any:
    """The ids of cases whose history has grown since, and a little before: an id may be older than its commit."""
    milliseconds = max(since_ms(as_of) - OVERLAP_MS, 0)
    return select(CaseEvent.case_id).where(CaseEvent.id >= UUID(int=milliseconds << 80)).distinct()


def since_ms(as_of: UUID) -> int:
    """The moment of an id, in milliseconds since 1970."""
    return as_of.int >> 80


def changes(progress: FigureProgress, period: Period) -> Changed:
    """The cases of a period that have changed since the daybook was up to date."""
    within = (Case.opened_at >= period.since) & (Case.opened_at < period.until)
    rows = db.session.execute(select(Case.id, Case.opened_at).where(
        Case.id.in_(changed_since(progress.as_of)), within)).all()
    return Changed(np.array([id.bytes for id, _ in rows], dtype=ID), [day_of(opened) for _, opened in rows])
