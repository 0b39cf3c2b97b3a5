"""A responder says "not mine" (退单), with a coded reason."""

from incident_service import accounts, notifications
from incident_service.accounts import Account, Role
from incident_service.cases import access, agenda, disputes, history, holding, in_hand
from incident_service.cases.models import Case, Ending
from incident_service.cases.workflow import Move, ReturnReason
from incident_service.foundation.problems import Conflict, FieldError, Invalid
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message


class NotToReturn(Conflict):
    """Somebody has decided whose the case is."""
    slug, title = "case-not-to-return", both("该案卷归属已裁定，不能再退", "It was decided whose this case is")


def give_back(number: str, *, by: Account, reason: ReturnReason, note: str = "", version: int | None = None) -> Case:
    """Return every part the caller holds. When nobody leads any more the case is `returned` and waits for the desk;
    the clock runs on. A second return puts it before a named person.

    Raises CaseUnknown, NotYours, NoLongerYours (also when repeated), NotToReturn, WrongTurn, Invalid (no words for
    `other`), PreconditionFailed.
    """
    if reason is ReturnReason.OTHER and not note.strip():
        raise Invalid(errors=[FieldError("#/note", both("请说明原因", "Say why"))])
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        mine = in_hand.of(case, by)
        history.check(case, Move.RETURN)
        if (before := disputes.dispute_of(case)) and before.decided_at:
            raise NotToReturn()
        for given in mine:
            holding.end(given, Ending.RETURNED)
        kept = {"parts": [given.part for given in mine], "reason": str(reason)}
        if any(each.part == "lead" for each in holding.held(case)):
            history.note(case, Move.RETURN, by_id=by.id, note=note, **kept)
        else:
            history.move(case, Move.RETURN, by_id=by.id, note=note, **kept)
        messages = _to_desk(case)
        if disputes.returns_of(case) >= disputes.RETURNS_MAX and not (before and before.decided_at is None):
            messages += disputes.put_before_somebody(case)
        agenda.wind(case, holding.held(case))
        notifications.tell(messages)
        return case


def _to_desk(case: Case) -> list[Message]:
    title = both("案卷 {number} 被退单，请重新派遣", "Case {number} came back; give it to somebody", number=case.number)
    return [Message(clerk.id, Kind.RETURNED, f"{case.number}/{case.version}", case.number, title)
            for clerk in accounts.staff_of(case.area_code or "", Role.DESK)]
