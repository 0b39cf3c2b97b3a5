"""Asking for more time (延期) or for a pause (挂账), and deciding about it: always two people."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select

from incident_service import notifications
from incident_service.accounts import Account, Role
from incident_service.cases import access, extending, history, holding, suspending
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.petition_models import Petition, PetitionReason, Wish
from incident_service.cases.reminding import nearest
from incident_service.cases.workflow import Move
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import Words, both
from incident_service.notifications import Kind, Message

MOVES = {Wish.EXTENSION: Move.EXTEND, Wish.SUSPENSION: Move.SUSPEND}
NAMES = {Wish.EXTENSION: both("延期", "an extension"), Wish.SUSPENSION: both("挂账", "a suspension")}


class AlreadyAsked(Conflict):
    """Something was asked for and is not decided yet. Says what `happened`."""
    slug, title = "case-petition-open", both("已有申请待审批", "A request is still to be decided")


class NotToApprove(Forbidden):
    """The caller may see the case, but not decide about this request."""
    slug, title = "case-petition-not-yours", both("您不能审批此申请", "This request is not yours to decide")


class PetitionUnknown(NotFound):
    """The case has no such request."""
    slug, title = "case-petition-unknown", both("没有此申请", "There is no such request")


class PetitionDecided(Conflict):
    """The request was decided otherwise: how (`is_granted`), and what `happened`."""
    slug, title = "case-petition-decided", both("该申请已审批", "The request was decided")


def petition(number: str, wish: Wish, *, by: Account, reason: PetitionReason, note: str = "",
             until: datetime | None = None, version: int | None = None) -> Case:
    """Ask for more time or for a pause; the nearest desk is told, and its clerks or supervisors decide.

    Raises CaseUnknown, NotYourMove, WrongTurn, AlreadyAsked, NotToExtend, Invalid (words for `other`, the day),
    PreconditionFailed.
    """
    if reason is PetitionReason.OTHER and not note.strip():
        raise Invalid(errors=[FieldError("#/note", both("请说明原因", "Say why"))])
    move = MOVES[wish]
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        access.check_may(by, case, move)
        history.check(case, move)
        _check(case, wish, until)
        if open_one := _open_one(case):
            raise AlreadyAsked(**history.standing(case, _lines_of(open_one)))
        asked = Petition(id=new_id(), case_id=case.id, wish=wish, reason=reason, note=note, until=until,
                         asked_by_id=by.id, asked_at=clock.now())
        db.session.add(asked)
        history.note(case, move, by_id=by.id, note=note, asked=True, reason=str(reason), petition_id=str(asked.id),
                     until=until and until.isoformat())
        db.session.flush()
        notifications.tell(to_approve(case))
        return case


def to_approve(case: Case) -> list[Message]:
    """What the nearest desk is told of a request that is open, if there is one."""
    asked = _open_one(case)
    if asked is None:
        return []
    title = both("案卷 {number} 申请{wish}，请审批", "Case {number}: {wish} is asked for; decide",
                 number=case.number, wish=NAMES[asked.wish])
    return [Message(person_id, Kind.TO_APPROVE, str(asked.id), case.number, title)
            for person_id in nearest(case, Role.DESK) if person_id != asked.asked_by_id]


def grant(number: str, petition_id: UUID, *, by: Account, note: str = "", version: int | None = None) -> Case:
    """Give what was asked for. Safe to repeat. Raises CaseUnknown, PetitionUnknown, NotToApprove, PetitionDecided,
    WrongTurn, NotToExtend (overdue by now), Invalid (the day has passed), PreconditionFailed."""
    with transaction():
        case, asked = _to_decide(number, petition_id, by, version)
        if asked.decided_at:
            return _same(case, asked, is_granted=True)
        history.check(case, MOVES[asked.wish])
        _check(case, asked.wish, asked.until)
        _decide(asked, by, is_granted=True)
        apply = extending.extend if asked.wish is Wish.EXTENSION else suspending.suspend
        apply(case, asked, by=by, note=note)
        _tell(case, asked, both("案卷 {number} 的{wish}已批准", "Case {number}: {wish} was granted", number=case.number,
                                wish=NAMES[asked.wish]))
        return case


def refuse(number: str, petition_id: UUID, *, by: Account, note: str, version: int | None = None) -> Case:
    """Refuse what was asked for, and say why. Safe to repeat. Raises like `grant`."""
    with transaction():
        case, asked = _to_decide(number, petition_id, by, version)
        if asked.decided_at:
            return _same(case, asked, is_granted=False)
        _decide(asked, by, is_granted=False)
        history.note(case, MOVES[asked.wish], by_id=by.id, note=note, is_granted=False, petition_id=str(asked.id))
        _tell(case, asked, both("案卷 {number} 的{wish}未获批准", "Case {number}: {wish} was refused",
                                number=case.number, wish=NAMES[asked.wish]))
        return case


PETITIONS = select(Petition).where(Petition.case_id == bindparam("case_id")).order_by(Petition.id)


def petitions_of(case: Case) -> Sequence[Petition]:
    """Everything that was asked for in a case, from the beginning."""
    return db.session.scalars(PETITIONS, {"case_id": case.id}).all()


def _check(case: Case, wish: Wish, until: datetime | None) -> None:
    if wish is Wish.EXTENSION:
        extending.check(case)
    else:
        suspending.check(until)


def _open_one(case: Case) -> Petition | None:
    return db.session.scalar(select(Petition).where(Petition.case_id == case.id, Petition.decided_at.is_(None)))


def _to_decide(number: str, petition_id: UUID, by: Account, version: int | None) -> tuple[Case, Petition]:
    """The case and the request, both locked, for somebody who may decide: staff of the area who did not ask."""
    case = access.find_to_change(number, by=by, version=version)
    asked = db.session.scalar(for_update(select(Petition).where(
        Petition.id == petition_id, Petition.case_id == case.id)))
    if not access.reaches(by, case, Role.DESK, Role.SUPERVISOR) or (asked and asked.asked_by_id == by.id):
        raise NotToApprove()
    if asked is None:
        raise PetitionUnknown()
    return case, asked


def _same(case: Case, asked: Petition, *, is_granted: bool) -> Case:
    if asked.is_granted is not is_granted:
        raise PetitionDecided(is_granted=asked.is_granted, decided_at=asked.decided_at,
                              **history.standing(case, _lines_of(asked)))
    return case


def _lines_of(asked: Petition) -> ColumnElement[bool]:
    """The condition on lines of history that speak of a request."""
    return CaseEvent.details["petition_id"].as_string() == str(asked.id)


def _decide(asked: Petition, by: Account, *, is_granted: bool) -> None:
    asked.decided_by_id, asked.decided_at, asked.is_granted = by.id, clock.now(), is_granted


def _tell(case: Case, asked: Petition, title: Words) -> None:
    """Who asked is told, and whoever has the case by now: who asked may have left."""
    people = {asked.asked_by_id, *(each.responder_id for each in holding.held(case))}
    notifications.tell(Message(each, Kind.APPROVAL, str(asked.id), case.number, title) for each in people)
