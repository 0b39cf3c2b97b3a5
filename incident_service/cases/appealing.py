"""Appeals against a late mark (申诉): one for a case, decided by a supervisor whom it does not concern."""

from sqlalchemy import exists, select

from incident_service import accounts, notifications
from incident_service.accounts import Account, Role
from incident_service.cases import access, history, reported, thanks
from incident_service.cases.appeal_models import Appeal, Verdict
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.cases.workflow import Move, Status
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, Forbidden, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message


class NotLate(Conflict):
    """There is no late mark to appeal against."""
    slug, title = "case-not-late", both("该案卷没有超期记录", "The case bears no late mark")


class AppealMade(Conflict):
    """Somebody appealed before: there is one appeal for a case."""
    slug, title = "case-appeal-made", both("该案卷已有申诉", "An appeal was made before")


class AppealDecided(Conflict):
    """It was decided otherwise before."""
    slug, title = "case-appeal-decided", both("该申诉已有裁定", "The appeal was decided before")


class Concerned(Forbidden):
    """Nobody decides about what they had a hand in."""
    slug, title = "case-appeal-own", both("不能裁定与自己有关的申诉", "Nobody decides about what concerns them")


def appeal(number: str, *, by: Account, note: str, version: int | None = None) -> Case:
    """Ask that a late rectification be excused, and say why.

    Safe to repeat by the same person. Raises CaseUnknown, NotYourMove, WrongTurn, NotLate, AppealMade,
    PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        access.check_may(by, case, Move.APPEAL)
        made = db.session.scalar(select(Appeal).where(Appeal.case_id == case.id))
        if made and made.by_id == by.id:
            return case
        access.check_version(case, version)
        history.check(case, Move.APPEAL)
        if made:
            raise AppealMade()
        if not (case.rectified_at and case.due_at and case.rectified_at > case.due_at):
            raise NotLate()
        db.session.add(Appeal(id=new_id(), case_id=case.id, by_id=by.id, note=note, made_at=clock.now()))
        history.note(case, Move.APPEAL, by_id=by.id, note=note)
        title = both("案卷 {number} 有超期申诉待裁定", "Case {number}: an appeal against a late mark waits",
                     number=case.number)
        notifications.tell(Message(each.id, Kind.APPEAL, case.number, case.number, title)
                           for each in accounts.staff_of(case.area_code or "", Role.SUPERVISOR) if each.id != by.id)
        return case


def decide(number: str, *, by: Account, verdict: Verdict, note: str, version: int | None = None) -> Case:
    """Excuse a late rectification, or refuse to. The clocks stay; figures and points honour what was granted.

    Safe to repeat. Raises CaseUnknown, NotYourMove, NotFound (no appeal), Concerned, AppealDecided, WrongTurn (a case
    that was reopened must be rectified first), PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        access.check_may(by, case, Move.DECIDE)
        made = db.session.scalar(for_update(select(Appeal).where(Appeal.case_id == case.id)))
        if made is None:
            raise NotFound()
        if made.verdict is verdict:
            return case
        if made.verdict is not None:
            raise AppealDecided(verdict=made.verdict)
        if is_concerned(case, by):
            raise Concerned()
        access.check_version(case, version)
        history.check(case, Move.DECIDE)
        made.verdict, made.decided_at, made.decided_by_id, made.decision_note = verdict, clock.now(), by.id, note
        if verdict is Verdict.GRANTED:
            case.late_excused_at = made.decided_at
            if case.status is Status.CLOSED and (said := reported.reports_of(case)):
                thanks.make_up(case, thanks.grounds_of(case, said))
        history.note(case, Move.DECIDE, by_id=by.id, note=note, verdict=verdict)
        title = both("案卷 {number} 的申诉已裁定", "Your appeal about case {number} was decided", number=case.number)
        notifications.tell([Message(made.by_id, Kind.APPEAL, case.number, case.number, title)])
        return case


def page_of_appeals(*, by: Account, limit: int, cursor: str) -> paging.Page:
    """The appeals that wait for a supervisor of these areas, the oldest first."""
    waiting = select(Appeal).join(Case, Case.id == Appeal.case_id).where(
        Appeal.decided_at.is_(None), access.looked_over_by(by))
    return paging.newest_first(waiting, Appeal.made_at, Appeal.id, limit=limit, cursor=cursor, oldest_first=True)


def is_concerned(case: Case, by: Account) -> bool:
    """Whether somebody ever had a hand in the case, but for earlier decisions of a supervisor."""
    return bool(db.session.scalar(select(
        exists().where(Dispatch.case_id == case.id, Dispatch.responder_id == by.id)
        | exists().where(CaseEvent.case_id == case.id, CaseEvent.by_id == by.id,
                         CaseEvent.move.in_([Move.REPORT, Move.JOIN, Move.ACCEPT, Move.RECTIFY, Move.CLOSE])))))
