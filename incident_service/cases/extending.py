"""More time (延期): one original limit is added to the deadline, at most twice, and never once it has passed."""

from sqlalchemy import func, select

from incident_service.accounts import Account
from incident_service.cases import agenda, deadline, history, holding
from incident_service.cases.models import Case
from incident_service.cases.petition_models import Petition
from incident_service.cases.workflow import Move
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import Conflict
from incident_service.foundation.words import both

EXTENSIONS_MAX = 2


class NotToExtend(Conflict):
    """The deadline cannot be moved any more."""
    slug, title = "case-not-to-extend", both("该案卷不能再延期", "This case cannot be extended any more")


def check(case: Case) -> None:
    """Raises NotToExtend for a case that is overdue, or was extended twice (DOMAIN §3)."""
    if case.due_at is None or clock.now() > case.due_at:
        raise NotToExtend(both("已超期，不能延期", "It is overdue"), **history.standing(case))
    if extensions_of(case) >= EXTENSIONS_MAX:
        raise NotToExtend(both("已延期 {n} 次", "It was extended {n} times", n=EXTENSIONS_MAX),
                          **history.standing(case))


def extensions_of(case: Case) -> int:
    """How often a case was extended."""
    return db.session.scalar(select(func.count(Petition.ordinal)).where(Petition.case_id == case.id)) or 0


def extend(case: Case, asked: Petition, *, by: Account, note: str) -> None:
    """Add one original limit to the deadline, counted from the deadline itself. The case must be locked."""
    asked.ordinal = extensions_of(case) + 1
    if case.due_at is None:
        raise NotToExtend()
    history.note(case, Move.EXTEND, by_id=by.id, note=note, is_granted=True, petition_id=str(asked.id),
                 ordinal=asked.ordinal, deadline=deadline.reckon(case, case.due_at))
    agenda.wind(case, holding.held(case))
