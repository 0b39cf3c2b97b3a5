"""A reporter says whether a closed case is solved, and whether they are satisfied (评价)."""

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from incident_service.accounts import Account
from incident_service.cases import access, history
from incident_service.cases.appeal_models import Answer
from incident_service.cases.models import Case
from incident_service.cases.workflow import Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both


class AnsweredBefore(Conflict):
    """A reporter answers once for each closing."""
    slug, title = "case-answered", both("您已评价过", "You have answered before")


def answer(number: str, *, by: Account, is_solved: bool, is_satisfied: bool, note: str = "") -> Case:
    """Say once, of a closed case one has reported, whether it is solved and whether one is satisfied.

    Safe to repeat: the same answer changes nothing. Raises CaseUnknown, NotYourMove, WrongTurn, AnsweredBefore.
    """
    with transaction():
        case = access.locked(access.find_seen(number, by=by).id)
        access.check_may(by, case, Move.ANSWER)
        history.check(case, Move.ANSWER)
        given = answer_of(case, by)
        if given is None:
            db.session.add(Answer(id=new_id(), case_id=case.id, round=case.round, by_id=by.id, is_solved=is_solved,
                                  is_satisfied=is_satisfied, note=note, answered_at=clock.now()))
            history.note(case, Move.ANSWER, by_id=by.id, note=note, is_solved=is_solved, is_satisfied=is_satisfied)
        elif (given.is_solved, given.is_satisfied, given.note) != (is_solved, is_satisfied, note):
            raise AnsweredBefore()
        return case


def answer_of(case: Case, by: Account) -> Answer | None:
    """What somebody said of the present closing."""
    return db.session.scalar(select(Answer).where(
        Answer.case_id == case.id, Answer.round == case.round, Answer.by_id == by.id))


def may_reopen_until(case: Case) -> datetime | None:
    """Until when a reporter may have a closed case reopened."""
    if case.status is not Status.CLOSED or case.closed_at is None:
        return None
    until: datetime = case.closed_at + current_app.config["REOPEN_TIME"]
    return until
