"""Reckoning a deadline anew, when a case or the calendar has become another: from its first push, with all the time and
all the pauses it was given."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from incident_service import catalogue
from incident_service.cases import deadline, suspending
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.petition_models import Petition
from incident_service.cases.workflow import Status
from incident_service.catalogue import Deadline
from incident_service.foundation.database import db


def anew(case: Case) -> dict[str, Any]:
    """Set the deadline of a case that was pushed to what it is by its present condition and the present calendar; what
    the history keeps of that. The case must be locked."""
    found, extensions = reckoned([case])[case.id]
    kept = deadline.put(case, found)
    if case.status is Status.SUSPENDED and case.suspended_until:
        left = catalogue.time_left(found.unit, case.suspended_until, found.due_at)
        suspending.pause_of(case).seconds_left = left.total_seconds()
    return kept | ({"extensions": extensions} if extensions else {})


def reckoned(some: Sequence[Case]) -> dict[UUID, tuple[Deadline, int]]:
    """For cases that were pushed: the deadline, and the extensions in it. One limit, and one more for each extension,
    counted from the first push; the clock stands still in pauses. Nothing is changed."""
    ids = [case.id for case in some]
    extensions, pauses = _extensions(ids), _pauses(ids)
    return {case.id: (catalogue.deadline(deadline.condition_of(case), case.pushed_at, times=1 + extensions[case.id],
                                         pauses=pauses[case.id]), extensions[case.id])
            for case in some if case.pushed_at}


def _extensions(ids: Sequence[UUID]) -> Mapping[UUID, int]:
    rows = db.session.execute(select(Petition.case_id, func.count(Petition.ordinal))
                              .where(Petition.case_id.in_(ids)).group_by(Petition.case_id))
    return defaultdict(int, dict(rows.all()))


def _pauses(ids: Sequence[UUID]) -> Mapping[UUID, list[catalogue.Pause]]:
    """From when to when the clock of each stood still. A pause that ends by itself ended on its day, however late that
    was noticed; one that lasts is reckoned to last until then."""
    lines: dict[UUID, list[CaseEvent]] = defaultdict(list)
    for line in db.session.scalars(
            select(CaseEvent).where(CaseEvent.case_id.in_(ids), CaseEvent.status_before != CaseEvent.status_after, or_(
                CaseEvent.status_before == Status.SUSPENDED, CaseEvent.status_after == Status.SUSPENDED))
            .order_by(CaseEvent.case_id, CaseEvent.sequence)):
        lines[line.case_id].append(line)
    return defaultdict(list, {id: [
        (each["begins_at"], min(each["ended_at"] or each["until"], each["until"])) for each in deadline.pauses(some)]
        for id, some in lines.items()})
