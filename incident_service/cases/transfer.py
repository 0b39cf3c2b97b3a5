"""What a desk does when the platform found nobody: it names the responder."""

from uuid import UUID

from incident_service import accounts, areas
from incident_service.accounts import Account, Role, RoleHeld
from incident_service.cases import access, history
from incident_service.cases.dispatch import push
from incident_service.cases.models import Case
from incident_service.cases.workflow import Move, TransferReason
from incident_service.foundation.problems import FieldError, Forbidden, Invalid
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.routing import Part

DISTRICT_DIGITS = 6
RESPONDS = (Role.OFFICER, Role.GRID_MANAGER)


class NotToTransfer(Forbidden):
    """The caller may see the case, but not give it to anybody."""
    slug, title = "case-not-yours-to-transfer", both("您不能派遣此案", "This case is not yours to give to anybody")


def candidates(number: str, *, by: Account) -> list[tuple[Account, RoleHeld]]:
    """Whom a desk may give a case: everybody who responds within the district of the case, with the role they would
    have. Raises CaseUnknown, NotToTransfer."""
    return _candidates(_check_desk(access.find(number, by=by), by))


def transfer(number: str, *, by: Account, responder_id: UUID, reason: TransferReason, note: str = "",
             version: int | None = None) -> Case:
    """Give a case that found nobody to a responder, who then leads.

    Raises CaseUnknown, NotToTransfer, WrongTurn, PreconditionFailed, Invalid for who does not respond there.
    """
    with transaction():
        case = _check_desk(access.find_to_change(number, by=by, version=version), by)
        history.check(case, Move.TRANSFER)
        held = {account.id: role for account, role in _candidates(case)}.get(responder_id)
        if held is None:
            raise Invalid(errors=[FieldError("#/responder_id", both("该人员不在可派遣范围内",
                                                                    "They do not respond in this district"))])
        push(case, [_lead(responder_id, held, reason)], Move.TRANSFER, by_id=by.id, note=note, reason=reason)
        case.unroutable_reason = None
        return case


def _check_desk(case: Case, by: Account) -> Case:
    if not access.reaches(by, case, Role.DESK):
        raise NotToTransfer()
    return case


def _candidates(case: Case) -> list[tuple[Account, RoleHeld]]:
    people = accounts.responders_within((case.area_code or "")[:DISTRICT_DIGITS])
    return [(account, next(held for held in account.roles if held.role in RESPONDS)) for account in people]


def _lead(responder_id: UUID, held: RoleHeld, reason: TransferReason) -> Part:
    name = areas.name_of(held.area_code) if areas.is_known(held.area_code) else held.area_code
    return Part("lead", held.role, held.kind or None, held.area_code, responder_id,
                {"by_hand": str(reason), "area": held.area_code, "area_name": name})
