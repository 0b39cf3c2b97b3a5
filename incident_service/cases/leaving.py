"""Who leaves, or loses a role, leaves their open work to whoever comes next."""

from uuid import UUID

from sqlalchemy import select

from incident_service import accounts, notifications, routing
from incident_service.accounts import Account, Role
from incident_service.cases import agenda, history, holding, passing_on
from incident_service.cases.dispatch import as_json, give, to_desk
from incident_service.cases.models import Case, Dispatch, Ending
from incident_service.cases.workflow import IN_HAND, WATCHED, Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind
from incident_service.routing import Part

HELD = WATCHED | {Status.SUSPENDED}                 # somebody may hold a part of it that is not done


def hand_over_work(account_id: UUID) -> None:
    """Promise a successor for every open part that somebody holds for a post they do not have any more, and for every
    decision that waits for them.

    Safe to repeat: what was handed over stays so.
    """
    with transaction():
        for case_id in sorted(passing_on.waiting_for(account_id)):
            enqueue("workers.routing.pass_on_decisions", case_id=str(case_id))
        for dispatch_id in db.session.scalars(
                select(Dispatch.id).join(Case, Case.id == Dispatch.case_id).where(
                    Dispatch.responder_id == account_id, holding.is_held(), Dispatch.rectified_at.is_(None),
                    Case.status.in_(HELD)).order_by(Dispatch.id)).all():
            enqueue("workers.routing.hand_over_part", dispatch_id=str(dispatch_id))


def hand_over_part(dispatch_id: UUID) -> None:
    """Give the part of somebody who left to whoever comes next: a new round, told to them. With nobody there the desk
    is told; a case that nobody holds any more waits at the desk. While a case is suspended and nobody comes next, the
    part stays where it is until the case goes on.

    Safe to repeat: only a dispatch that is held by somebody who does not serve there any more is touched.
    """
    with transaction():
        given = db.session.get(Dispatch, dispatch_id)
        if given is None:
            return
        case = db.session.execute(for_update(select(Case).where(Case.id == given.case_id))).scalar_one()
        db.session.refresh(given)
        if given.ended_at or given.rectified_at or case.status not in HELD or _serves(given):
            return
        successor = _successor(case, given)
        if successor is None and case.status is Status.SUSPENDED:
            return
        holding.end(given, Ending.LEFT)
        db.session.flush()
        case.round += 1
        if successor:
            history.note(case, Move.ESCALATE, by_id=None, part=given.part, because="left",
                         dispatches=[as_json(successor, case.round)])
            messages = [give(case, successor, clock.now())]
        else:
            messages = _nobody(case, given)
        db.session.flush()
        agenda.wind(case, holding.held(case))
        notifications.tell(messages)


def _serves(given: Dispatch) -> bool:
    """Whether the responder still has the post for which the case was given to them."""
    person = accounts.find(given.responder_id)
    return person.is_active and _has_post(person, given)


def _has_post(person: Account, given: Dispatch) -> bool:
    return any((held.role, held.kind, held.area_code) == (given.role, given.kind or "", given.area_code)
               for held in person.roles)


def _successor(case: Case, given: Dispatch) -> Part | None:
    """Whoever comes next and has no part of the case yet; the desk is told instead."""
    besides = {each.responder_id for each in holding.held(case)}
    return next((Part(given.part, each.role, each.kind, each.area_code, each.account_id,
                      each.explanation | {"called": str(each.step), "after": "left"})
                 for each in routing.fallbacks(role=Role(given.role), kind=given.kind, area_code=given.area_code,
                                               case_area=case.area_code)
                 if each.role is not Role.DESK and each.account_id not in besides), None)


def _nobody(case: Case, given: Dispatch) -> list[notifications.Message]:
    """Nobody comes next: the desk is told, and has the case in its queue when nobody else holds it."""
    details = {"part": given.part, "because": "left"}
    if holding.held(case) or case.status not in IN_HAND:
        history.note(case, Move.ESCALATE, by_id=None, **details)
        return to_desk(case, Kind.PART_MISSING, both(
            "案卷 {number} 的处置人员已离岗，且无人接替", "The responder of case {number} left, and nobody comes next",
            number=case.number))
    case.unroutable_reason = "left"
    history.move(case, Move.HOLD, by_id=None, **details)
    return to_desk(case, Kind.UNROUTABLE, both(
        "案卷 {number} 的处置人员已离岗，请人工派遣", "The responder of case {number} left; dispatch it by hand",
        number=case.number))
