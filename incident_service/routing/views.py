"""The doors of the rules: read by whoever dispatches or supervises, changed by the city's administrators."""

from typing import Any
from uuid import UUID

from flask import Response, current_app

from incident_service.accounts import Role, current_account, requires
from incident_service.foundation.http import Blueprint, if_match, unchanged
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput, page_schema
from incident_service.foundation.problems import Forbidden, PreconditionFailed
from incident_service.foundation.words import both
from incident_service.routing import rule_sets
from incident_service.routing.rule_sets import UnknownVersion
from incident_service.routing.rules import RuleBook
from incident_service.routing.schemas import RulesInput, RulesOutput, RulesVersionOutput, SwitchInput

bp = Blueprint("routing", __name__, url_prefix="/api/v1/routing", description="派遣规则与排班")
READERS = (Role.DESK, Role.SUPERVISOR, Role.ADMIN)
Tagged = tuple[RuleBook, int, dict[str, str]]


class RulesNotYours(Forbidden):
    """The rules are the whole city's."""
    slug, title = "rules-not-yours", both("派遣规则由全市管理员维护",
                                          "The rules are kept by the city's administrators")


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
    by_id = _administrator()
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
    by_id = _administrator()
    return _told(rule_sets.switch(body["version"], by_id=by_id, revision=if_match()))


def _administrator() -> UUID:
    """Who is speaking, if the whole city is theirs. Raises RulesNotYours."""
    account = current_account()
    if not account.holds(Role.ADMIN, reaching=current_app.config["CITY_CODE"]):
        raise RulesNotYours()
    return account.id


def _told(book: RuleBook) -> Tagged:
    return book, 200, {"ETag": f'W/"{book.revision}"'}
