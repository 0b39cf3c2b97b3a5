"""Looking at a result before a case is closed (核查): it is good, or it goes back to whoever did it (返工)."""

from incident_service import reports
from incident_service.accounts import Account, Role
from incident_service.cases import access, history, holding
from incident_service.cases.dispatch import push
from incident_service.cases.models import Case, Dispatch, Ending
from incident_service.cases.workflow import Move
from incident_service.foundation.problems import Forbidden
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.routing import Part


class NotToCheck(Forbidden):
    """Nobody checks what they reported or rectified themselves."""
    slug, title = "case-check-own-work", both("不能核查自己上报或整改的案卷", "Nobody checks their own report or work")


def check(number: str, *, by: Account, note: str = "", version: int | None = None) -> Case:
    """Note that the result of a case was looked at and is good. Each look is a line of its own.

    Raises CaseUnknown, NotYourMove, NotToCheck, WrongTurn, PreconditionFailed.
    """
    with transaction():
        case = _found(number, Move.CHECK, by, version)
        history.note(case, Move.CHECK, by_id=by.id, note=note)
        return case


def rework(number: str, *, by: Account, note: str, version: int | None = None) -> Case:
    """Give a case back to whoever rectified it, because the check failed; `note` says what is not as it must be.

    A new round begins, with a dispatch for each part. No clock of the case starts anew: neither its deadline nor the
    first rectification moves (API.md, what figures mean). Raises CaseUnknown, NotYourMove, NotToCheck, WrongTurn,
    PreconditionFailed.
    """
    with transaction():
        case = _found(number, Move.REWORK, by, version)
        given = holding.answering(holding.held(case))
        for each in given:
            holding.end(each, Ending.REWORK)
        case.round += 1
        push(case, [_again(each) for each in given], Move.REWORK, by_id=by.id, note=note)
        return case


def _found(number: str, move: Move, by: Account, version: int | None) -> Case:
    case = access.find_to_change(number, by=by, version=version)
    access.check_may(by, case, move)
    history.check(case, move)
    if by.id in {each.reporter_id for each in reports.of_case(case.id)} | {
            each.responder_id for each in holding.held(case) if each.rectified_at}:
        raise NotToCheck()
    return case


def _again(given: Dispatch) -> Part:
    """The same part for the same responder, for the reason they had it first."""
    return Part(given.part, Role(given.role), given.kind, given.area_code, given.responder_id, given.explanation)

