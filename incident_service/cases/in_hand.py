"""What a responder has in hand of a case, and what became of what they had."""

from sqlalchemy import select

from incident_service.accounts import Account
from incident_service.cases import history, holding
from incident_service.cases.models import Case, CaseEvent, Dispatch, Ending
from incident_service.cases.workflow import Move
from incident_service.foundation.database import db
from incident_service.foundation.problems import Conflict, Forbidden
from incident_service.foundation.words import both

ENDED_BY = {
    Ending.RETURNED: (Move.RETURN,), Ending.TRANSFERRED: (Move.TRANSFER,), Ending.LEFT: (Move.ESCALATE, Move.HOLD),
    Ending.TAKEN_OVER: (Move.ACCEPT, Move.RECTIFY), Ending.REWORK: (Move.REWORK,), Ending.AMENDED: (Move.AMEND,),
    Ending.REOPENED: (Move.REOPEN,),
}


class NotYours(Forbidden):
    """The case was never dispatched to the caller."""
    slug, title = "case-not-dispatched-to-you", both("该案卷未派给您", "This case was not dispatched to you")


class NoLongerYours(Conflict):
    """The caller had the case, and has it no more. Says what `happened`: by which move, when, and in what part."""
    slug, title = "case-no-longer-yours", both("该案卷已不在您手中", "You do not have this case any more")


def of(case: Case, by: Account) -> list[Dispatch]:
    """The dispatches that somebody holds, the lead first. Raises NotYours, NoLongerYours when there are none."""
    if mine := holding.held(case, by):
        return mine
    last = db.session.scalar(
        select(Dispatch).where(Dispatch.case_id == case.id, Dispatch.responder_id == by.id)
        .order_by(Dispatch.ended_at.desc()).limit(1))
    if last is None or last.ended_because is None:
        raise NotYours()
    raise NoLongerYours(**history.standing(case, CaseEvent.move.in_(ENDED_BY[last.ended_because])))
