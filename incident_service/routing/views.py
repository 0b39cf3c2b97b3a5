"""The doors of the rules: read by whoever dispatches or supervises, changed by the city's administrators."""

from typing import Any
from uuid import UUID

from flask import Response

from incident_service.accounts import NoSuchPerson, Role, current_account, requires
from incident_service.foundation.http import Blueprint, if_match, unchanged
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput, page_schema
from incident_service.foundation.problems import PreconditionFailed
from incident_service.routing import gaps, leaves, rule_sets
from incident_service.routing.leaves import NoSuchLeave
from incident_service.routing.models import Leave
from incident_service.routing.rule_sets import RulesNotYours, UnknownVersion, check_keeper
from incident_service.routing.rules import RuleBook
from incident_service.routing.schemas import (
    GapsInput,
    GapsOutput,
    LeaveInput,
    LeaveOutput,
    LeavesFilter,
    RulesInput,
    RulesOutput,
    RulesVersionOutput,
    SwitchInput,
)

bp = Blueprint("routing", __name__, url_prefix="/api/v1/routing", description="派遣规则与排班")
READERS = (Role.DESK, Role.SUPERVISOR, Role.ADMIN)
KEEPERS = leaves.KEEPERS
Tagged = tuple[RuleBook, int, dict[str, str]]


@bp.get("/rules")
@requires(*READERS)
@bp.response(200, RulesOutput)
@bp.tagged
def show_rules() -> Response | Tagged:
    """The rules in force."""
    book = rule_sets.in_force()
    return unchanged(str(book.revision)) or _told(book)


@bp.put("/rules")
@requires(Role.ADMIN)
@bp.refuses(RulesNotYours, PreconditionFailed)
@bp.arguments(RulesInput)
@bp.response(200, RulesOutput)
def put_rules(body: dict[str, Any]) -> Tagged:
    """Put a new version in force, for every case dispatched from now on. The same rules again change nothing."""
    by_id = check_keeper(current_account())
    return _told(rule_sets.put(RulesInput().dump(body)["rules"], note=body["note"], by_id=by_id, revision=if_match()))


@bp.get("/rules/versions")
@requires(*READERS)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(RulesVersionOutput))
def versions(page: dict[str, Any]) -> Page:
    """Every version there ever was, the newest first."""
    return rule_sets.page_of_versions(**page)


@bp.get("/rules/versions/<int(min=1,max=1000000):version>")
@requires(*READERS)
@bp.refuses(UnknownVersion)
@bp.response(200, RulesOutput)
def show_version(version: int) -> RuleBook:
    """One version, whether it is in force or not."""
    return rule_sets.version(version)


@bp.post("/rules/switch")
@requires(Role.ADMIN)
@bp.refuses(RulesNotYours, UnknownVersion, PreconditionFailed)
@bp.arguments(SwitchInput)
@idempotent
@bp.response(200, RulesOutput)
def switch_rules(body: dict[str, Any]) -> Tagged:
    """Put an earlier version back in force."""
    by_id = check_keeper(current_account())
    return _told(rule_sets.switch(body["version"], by_id=by_id, revision=if_match()))


@bp.get("/gaps")
@requires(*READERS)
@bp.arguments(GapsInput, location="query")
@bp.response(200, GapsOutput)
def roster_gaps(wanted: dict[str, Any]) -> dict[str, Any]:
    """When nobody will be on duty, in the next seven days and within one's areas, the earliest first."""
    by = current_account()
    found = gaps.roster_gaps(concerns=lambda code: by.holds(*READERS, reaching=code))
    return {"items": found[:wanted["limit"]], "count": len(found)}


@bp.post("/leaves")
@requires(*KEEPERS)
@bp.refuses(NoSuchPerson)
@bp.arguments(LeaveInput)
@idempotent
@bp.response(201, LeaveOutput)
def grant_leave(body: dict[str, Any]) -> Leave:
    """Enter that somebody will be away, from every post they have."""
    return leaves.grant_leave(body.pop("person_id"), by=current_account(), **body)


@bp.get("/leaves")
@requires(*KEEPERS)
@bp.arguments(LeavesFilter, location="query")
@bp.response(200, page_schema(LeaveOutput))
def list_leaves(wanted: dict[str, Any]) -> Page:
    """Who is or will be away (or was), of those who serve within one's areas, and who entered and ended it."""
    return leaves.page_of_leaves(current_account(), **wanted)


@bp.delete("/leaves/<uuid:id>")
@requires(*KEEPERS)
@bp.refuses(NoSuchLeave)
@bp.response(204)
def end_leave(id: UUID) -> None:
    """Somebody is back, or does not go."""
    leaves.end_leave(id, by=current_account())


def _told(book: RuleBook) -> Tagged:
    return book, 200, {"ETag": f'W/"{book.revision}"'}
