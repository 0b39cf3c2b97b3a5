"""Work done without a network (离线作业): it arrives late, with the time of the phone's own clock.

Figures count by the time received. The phone's time is kept beside it in the history, where whoever decides an appeal
reads it: a clock that its owner can set must not improve a rate. Work that finds its case elsewhere is put before a
person.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from incident_service import notifications
from incident_service.accounts import Account
from incident_service.cases import history, holding
from incident_service.cases.closure import who_may_close
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.cases.workflow import MOVES, Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message

CLOCKS_DIFFER_MAX = timedelta(minutes=2)
BY_THE_OTHER = (Status.ACCEPTED, Status.RECTIFIED)      # where the other part's work may have brought the case


def said(done_at: datetime | None, given: Dispatch) -> dict[str, Any]:
    """What the history keeps of the phone's own time, and whether that clock can be right."""
    if done_at is None:
        return {}
    late = clock.now() - done_at
    is_odd = late < -CLOCKS_DIFFER_MAX or done_at < given.pushed_at - CLOCKS_DIFFER_MAX
    return {"done_at": done_at.isoformat(), "late_s": round(late.total_seconds())} | (
        {"clock_is_odd": True} if is_odd else {})


def stray(case: Case, what: Move, *, by: Account) -> Dispatch | None:
    """The dispatch for which work was done whose case has gone elsewhere meanwhile, else None: the move can be made, or
    the caller never had the case."""
    mine = holding.held(case, by)
    if mine:
        if what is Move.ACCEPT and mine[0].accepted_at:
            return None                                 # it is known already
        is_open = case.status in MOVES[what].starts or case.status in BY_THE_OTHER
        return None if is_open and not mine[0].rectified_at else mine[0]
    return db.session.scalar(
        select(Dispatch).where(Dispatch.case_id == case.id, Dispatch.responder_id == by.id)
        .order_by(Dispatch.pushed_at.desc()).limit(1))


def hand_in(case: Case, what: Move, given: Dispatch, *, by: Account, done_at: datetime, note: str = "") -> bool:
    """Keep work that cannot be a move any more as a line of the history, and tell those who decide. The status and all
    clocks stay. Safe to repeat: the same work is kept once; whether it is new."""
    details = said(done_at, given)
    if any(each.details.get("done_at") == details["done_at"] for each in _earlier(case, what, by)):
        return False
    history.note(case, what, by_id=by.id, note=note, parts=[given.part], came_too_late=True, **details)
    title = both("案卷 {number} 收到离线期间的处置，请核对", "Case {number}: work done offline has arrived; look at it",
                 number=case.number)
    notifications.tell(Message(each.id, Kind.WORK_HANDED_IN, f"{case.number}/{case.version}", case.number, title)
                       for each in who_may_close(case) if each.id != by.id)
    return True


def _earlier(case: Case, what: Move, by: Account) -> Iterable[CaseEvent]:
    return db.session.scalars(
        select(CaseEvent).where(CaseEvent.case_id == case.id, CaseEvent.move == what, CaseEvent.by_id == by.id))
