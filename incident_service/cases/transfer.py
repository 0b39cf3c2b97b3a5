"""What a desk does when the platform found nobody, or not the right one: it names who leads and who assists."""

from collections.abc import Mapping
from uuid import UUID

from incident_service import accounts, areas
from incident_service.accounts import Account, Role, RoleHeld
from incident_service.cases import access, disputes, history, holding
from incident_service.cases.dispatch import open_dispatches, push
from incident_service.cases.models import Case, Dispatch, Ending
from incident_service.cases.workflow import IN_HAND, Move, TransferReason
from incident_service.foundation.problems import FieldError, Forbidden, Invalid
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import Words, both
from incident_service.notifications import Kind, Message
from incident_service.routing import Part

DISTRICT_DIGITS = 6
RESPONDS = (Role.OFFICER, Role.GRID_MANAGER)
FIELDS = {"lead": "#/responder_id", "assist": "#/assist_id"}
ELSEWHERE = both("该人员不在可派遣范围内", "They do not respond in this district")
HAS_IT = both("该人员已持有此案", "They have it already")
NOBODY_LEADS = both("请指定主责人员", "Say who leads")


class NotToTransfer(Forbidden):
    """The caller may see the case, but not give it to anybody."""
    slug, title = "case-not-yours-to-transfer", both("您不能派遣此案", "This case is not yours to give to anybody")


def candidates(number: str, *, by: Account) -> list[tuple[Account, RoleHeld, int]]:
    """Whom a desk may give a case: everybody who responds within the district of the case, with the role they would
    have and how many dispatches they have in hand. Raises CaseUnknown, NotToTransfer."""
    case = access.find(number, by=by)
    _check(case, by)
    found = _candidates(case)
    in_hand = open_dispatches([account.id for account, _ in found])
    return [(account, held, in_hand.get(account.id, 0)) for account, held in found]


def transfer(number: str, *, by: Account, reason: TransferReason, responder_id: UUID | None = None,
             assist_id: UUID | None = None, note: str = "", version: int | None = None) -> Case:
    """Give a case to a responder who then leads, to one who assists, or to both: a new round. Who had the part has it
    no more; the deadline stays. Where a second return was put before a named person, that person decides by this.

    Raises CaseUnknown, NotToTransfer, WrongTurn, PreconditionFailed, Invalid for who does not respond there.
    """
    wanted = {part: who for part, who in (("lead", responder_id), ("assist", assist_id)) if who}
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        _check(case, by)
        history.check(case, Move.TRANSFER)
        before = holding.held(case)
        parts = _parts(case, wanted, before, reason)
        left = [each for each in before if each.part in wanted]
        for each in left:
            holding.end(each, Ending.TRANSFERRED)
        case.round += bool(case.pushed_at)
        stays = "lead" not in wanted and case.status in IN_HAND
        push(case, parts, Move.TRANSFER, by_id=by.id, note=note, stays=stays, beside=_gone(case, left, wanted),
             reason=reason)
        case.unroutable_reason = None
        if (dispute := disputes.dispute_of(case)) and not dispute.decided_at:
            disputes.decide(dispute, by)
        return case


def _check(case: Case, by: Account) -> None:
    """A desk of the area gives a case away, but the person it was put before while a dispute is open."""
    dispute = disputes.dispute_of(case)
    if dispute and not dispute.decided_at:
        if not disputes.may_decide(dispute, by):
            raise NotToTransfer(disputes.who_decides(dispute))
    elif not access.reaches(by, case, Role.DESK):
        raise NotToTransfer()


def _parts(case: Case, wanted: Mapping[str, UUID], before: list[Dispatch], reason: TransferReason) -> list[Part]:
    """Who has which part from now on. Raises Invalid."""
    if not wanted or ("lead" not in wanted and not any(each.part == "lead" for each in before)):
        raise Invalid(errors=[FieldError(FIELDS["lead"], NOBODY_LEADS)])
    roles, errors, parts = {account.id: role for account, role in _candidates(case)}, [], []
    for part, who in wanted.items():
        fault = _fault(part, who, roles, before)
        if fault is None:
            parts.append(_part(part, who, roles[who], reason))
        else:
            errors.append(FieldError(FIELDS[part], fault))
    if errors:
        raise Invalid(errors=errors)
    return parts


def _fault(part: str, who: UUID, roles: Mapping[UUID, RoleHeld], before: list[Dispatch]) -> Words | None:
    if who not in roles:
        return ELSEWHERE
    return HAS_IT if any(each.part == part and each.responder_id == who for each in before) else None


def _gone(case: Case, left: list[Dispatch], wanted: Mapping[str, UUID]) -> list[Message]:
    """Who had a part and has none now is told so."""
    title = both("案卷 {number} 已转派他人", "Case {number} was given to somebody else", number=case.number)
    return [Message(each.responder_id, Kind.TRANSFERRED, str(each.id), case.number, title)
            for each in left if each.responder_id not in wanted.values()]


def _candidates(case: Case) -> list[tuple[Account, RoleHeld]]:
    people = accounts.responders_within((case.area_code or "")[:DISTRICT_DIGITS])
    return [(account, next(held for held in account.roles if held.role in RESPONDS)) for account in people]


def _part(part: str, responder_id: UUID, held: RoleHeld, reason: TransferReason) -> Part:
    name = areas.name_of(held.area_code) if areas.is_known(held.area_code) else held.area_code
    return Part(part, held.role, held.kind or None, held.area_code, responder_id,
                {"by_hand": str(reason), "area": held.area_code, "area_name": name})
