"""The doors to a reporter's identity, and for reporters to who went through them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from incident_service import accounts, cases
from incident_service.accounts import current_account, requires, signed_in
from incident_service.cases import access, presenting, queries
from incident_service.cases.originals import KEEPERS, NotAKeeper
from incident_service.cases.reporters import identity
from incident_service.cases.reporters.identity_models import IdentityLook, IdentityRequest
from incident_service.cases.reporters.identity_schemas import (
    IdentityOpeningsOutput,
    IdentityOutput,
    IdentityRequestInput,
    IdentityRequestOutput,
    IdentityRequestsOutput,
)
from incident_service.foundation.consent import SecondPersonNeeded, WishLapsed
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent

bp = Blueprint("reporter-identity", __name__, url_prefix="/api/v1", description="调阅上报人身份")
NOT_KEPT = {"Cache-Control": "no-store"}


@bp.post("/cases/<number>/identity-requests")
@requires(*KEEPERS)
@bp.refuses(access.CaseUnknown, NotAKeeper)
@bp.arguments(IdentityRequestInput)
@idempotent
@bp.response(201, IdentityRequestOutput)
def ask_for_identity(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Ask who a reporter of a case is, and say why. A supervisor or administrator must agree."""
    return _shown([cases.ask_for_identity(number, by=current_account(), **body)])[0]


@bp.get("/cases/<number>/identity-requests")
@requires(*KEEPERS, *identity.APPROVERS)
@bp.refuses(access.CaseUnknown, NotAKeeper)
@bp.response(200, IdentityRequestsOutput)
def list_identity_requests(number: str) -> dict[str, Any]:
    """Who asked for whose identity and why, who agreed, and every look."""
    return {"items": _shown(identity.identity_log(number, by=current_account())), "next_cursor": None}


@bp.post("/cases/<number>/identity-requests/<uuid:request_id>/approval")
@requires(*identity.APPROVERS)
@bp.refuses(access.CaseUnknown, identity.NotToAgree, SecondPersonNeeded, WishLapsed)
@idempotent
@bp.response(200, IdentityRequestOutput)
def approve_identity(number: str, request_id: UUID) -> dict[str, Any]:
    """Agree that whoever asked knows the reporter, for a short while. Not one's own wish."""
    return _shown([cases.approve_identity(number, request_id, by=current_account())])[0]


@bp.get("/cases/<number>/identity-requests/<uuid:request_id>/identity")
@requires(*KEEPERS)
@bp.refuses(access.CaseUnknown, NotAKeeper, identity.IdentitySealed)
@bp.response(200, IdentityOutput)
def show_identity(number: str, request_id: UUID) -> tuple[dict[str, Any], dict[str, str]]:
    """Who the reporter is, for whoever asked and got consent. Looks are kept, and the reporter is told."""
    wish, person = cases.look_at_identity(number, request_id, by=current_account())
    return {"name": person.name, "phone": person.phone, "ends_at": wish.ends_at}, NOT_KEPT


@bp.get("/me/identity-openings")
@signed_in
@bp.response(200, IdentityOpeningsOutput)
def my_identity_openings() -> dict[str, Any]:
    """When and why staff opened who I am."""
    wishes = identity.own_openings(current_account().id)
    looks = _by_request(identity.looks_of(wishes))
    return {"items": [row | {"first_look_at": looks[row["id"]][0].at, "looks": len(looks[row["id"]])}
                      for row in queries.with_numbers(wishes)], "next_cursor": None}


def _shown(some: Iterable[IdentityRequest]) -> list[dict[str, Any]]:
    wishes = list(some)
    looks = _by_request(identity.looks_of(wishes))
    names = accounts.names_of({id for wish in wishes for id in (wish.asked_by_id, wish.approved_by_id) if id})
    columns = ("id", "report_id", "reason", "asked_at", "approved_at", "ends_at")
    return [{name: getattr(wish, name) for name in columns} | {
        "reporter": presenting.pseudonym(wish.case_id, wish.reporter_id),
        "asked_by": names[wish.asked_by_id], "approved_by": names.get(wish.approved_by_id or wish.id),
        "looks": [{"by": names[look.by_id], "at": look.at} for look in looks[wish.id]]} for wish in wishes]


def _by_request(looks: Sequence[IdentityLook]) -> defaultdict[UUID, list[IdentityLook]]:
    found = defaultdict(list)
    for each in looks:
        found[each.request_id].append(each)
    return found
