"""Reckoning a deadline anew, when a case or the calendar has become another: from its first push, with all the time and
all the pauses it was given."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from incident_service import catalogue
from incident_service.cases import deadline, extending, suspending
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.workflow import Status
from incident_service.catalogue import Deadline
from incident_service.foundation.database import db


def anew(case: Case) -> dict[str, Any]:
    """Set the deadline of a case that was pushed to what it is by its present condition and the present calendar; what
    the history keeps of that. The case must be locked."""
    extensions = extending.extensions_of(case)
    kept = deadline.put(case, found := _reckoned(case, extensions))
    if case.status is Status.SUSPENDED and case.suspended_until:
        left = catalogue.time_left(found.unit, case.suspended_until, found.due_at)
        suspending.pause_of(case).seconds_left = left.total_seconds()
    return kept | ({"extensions": extensions} if extensions else {})


def _reckoned(case: Case, extensions: int) -> Deadline:
    """One limit, and one more for each extension, counted from the first push; the clock stands still in pauses."""
    if case.pushed_at is None:
        raise ValueError("A clock starts at the push.")
    return catalogue.deadline(deadline.condition_of(case), case.pushed_at, times=1 + extensions, pauses=_pauses(case))


def _pauses(case: Case) -> list[tuple[datetime, datetime]]:
    """From when to when the case's clock stood still. One that ends by itself ended on its day, however late that was
    noticed; one that lasts is reckoned to last until then."""
    touching = db.session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.status_before != CaseEvent.status_after, or_(
            CaseEvent.status_before == Status.SUSPENDED, CaseEvent.status_after == Status.SUSPENDED))
        .order_by(CaseEvent.sequence))
    return [(each["begins_at"], min(each["ended_at"] or each["until"], each["until"]))
            for each in deadline.pauses(touching)]
