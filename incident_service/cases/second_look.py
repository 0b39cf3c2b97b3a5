"""A sample of closed cases is looked at once more (抽查): drawn at the closing, by a lot that nobody can foresee."""

from typing import cast

from flask import current_app
from sqlalchemy import Table, select

from incident_service.accounts import Account
from incident_service.cases import access, history
from incident_service.cases.appeal_models import SecondLook, Verdict
from incident_service.cases.appealing import Concerned, is_concerned
from incident_service.cases.models import Case
from incident_service.cases.reopening import ReopenReason, order
from incident_service.cases.workflow import Move
from incident_service.foundation import clock, keys, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_row
from incident_service.foundation.problems import Conflict, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both

LOT_DIGITS = 8                                      # hexadecimal
LOOKS = cast(Table, SecondLook.__table__)


class LookTaken(Conflict):
    """Somebody decided otherwise before."""
    slug, title = "case-second-look-taken", both("该抽查已有结论", "The second look was taken before")


def draw(case: Case) -> None:
    """Put SECOND_LOOK_PERCENT in a hundred closings before a supervisor. Must be called in the closing's transaction.

    The lot is the installation's key over number and round: the same however often a closing is tried, and known to
    nobody who is about to close.
    """
    lot = int(keys.seal("second-look", f"{case.number}/{case.round}")[:LOT_DIGITS], 16)
    if lot * 100 < current_app.config["SECOND_LOOK_PERCENT"] * 16 ** LOT_DIGITS:
        insert_row(LOOKS, id=new_id(), case_id=case.id, round=case.round, drawn_at=clock.now(), note="")


def page_of_looks(*, by: Account, limit: int, cursor: str) -> paging.Page:
    """The closings that wait for a supervisor of these areas, the oldest first."""
    waiting = select(SecondLook).join(Case, Case.id == SecondLook.case_id).where(
        SecondLook.decided_at.is_(None), access.looked_over_by(by))
    return paging.newest_first(waiting, SecondLook.drawn_at, SecondLook.id, limit=limit, cursor=cursor,
                               oldest_first=True)


def review(number: str, *, by: Account, verdict: Verdict, note: str = "", version: int | None = None) -> Case:
    """Say what the second look found: rightly closed, or not, and then the case goes on.

    Safe to repeat. Raises CaseUnknown, NotYourMove, NotFound (it was not drawn), LookTaken, Concerned, WrongTurn,
    PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        access.check_may(by, case, Move.REVIEW)
        drawn = db.session.scalar(for_update(
            select(SecondLook).where(SecondLook.case_id == case.id).order_by(SecondLook.round.desc()).limit(1)))
        if drawn is None:
            raise NotFound()
        if drawn.verdict is verdict:
            return case
        if drawn.verdict is not None:
            raise LookTaken(verdict=drawn.verdict)
        if is_concerned(case, by):
            raise Concerned()
        access.check_version(case, version)
        history.check(case, Move.REVIEW)
        drawn.verdict, drawn.decided_at, drawn.decided_by_id, drawn.note = verdict, clock.now(), by.id, note
        history.note(case, Move.REVIEW, by_id=by.id, note=note, verdict=verdict)
        if verdict is Verdict.REOPENED:
            order(case, by=by, reason=ReopenReason.WRONG_RESULT, note=note)
        return case
