"""Funds, statements and the leaderboard over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response

from incident_service.accounts import Role, current_account, requires, signed_in
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, page_schema
from incident_service.foundation.words import callers_language
from incident_service.points import budgets, leaderboard, statements
from incident_service.points.budgets import BudgetSpent, FundState, NotYourFund
from incident_service.points.leaderboard import NameTaken, ShownName
from incident_service.points.rewards import CentreUnknown
from incident_service.points.schemas import case_number
from incident_service.points.statement_schemas import (
    CentreStatementOutput,
    CommunityStatementOutput,
    FundFilter,
    FundInput,
    FundOutput,
    LeaderboardOutput,
    MonthInput,
    ShownNameInput,
    ShownNameOutput,
    SpanInput,
    YearInput,
)
from incident_service.points.statements import CommunityUnknown, Span

bp = Blueprint("points_statements", __name__, url_prefix="/api/v1", description="福分基金、对账与排行")
FILE = {"type": "string", "format": "binary"}


def _file(content: str, name: str) -> Response:
    return Response(content, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})


@bp.get("/me/points/statement.csv")
@signed_in
@bp.arguments(YearInput, location="query")
@bp.response(200, FILE, content_type="text/csv")
def my_statement(wanted: dict[str, Any]) -> Response:
    """My entries of a year with the balance after each, for a spreadsheet."""
    year = wanted["year"] or budgets.this_year()
    return _file(statements.as_csv(current_account().id, year, callers_language(), case_number), f"points-{year}")


@bp.get("/centres/<uuid:id>/statement")
@requires(Role.DESK, Role.SUPERVISOR, Role.ADMIN)
@bp.refuses(CentreUnknown)
@bp.arguments(SpanInput, location="query")
@bp.response(200, CentreStatementOutput)
def centre_statement(span: dict[str, Any], id: UUID) -> dict[str, Any]:
    """What a centre handed over, reward by reward."""
    return statements.of_centre(id, by=current_account(), span=Span(**span))


@bp.get("/centres/<uuid:id>/statement.csv")
@requires(Role.DESK, Role.SUPERVISOR, Role.ADMIN)
@bp.refuses(CentreUnknown)
@bp.arguments(SpanInput, location="query")
@bp.response(200, FILE, content_type="text/csv")
def centre_statement_file(span: dict[str, Any], id: UUID) -> Response:
    """The same for a spreadsheet."""
    found = statements.of_centre(id, by=current_account(), span=Span(**span))
    return _file(statements.centre_as_csv(found, callers_language()), "handed-over")


@bp.get("/points/communities/<area_code>/statement")
@requires(Role.SUPERVISOR, Role.ADMIN)
@bp.refuses(CommunityUnknown)
@bp.arguments(YearInput, location="query")
@bp.response(200, CommunityStatementOutput)
def community_statement(wanted: dict[str, Any], area_code: str) -> dict[str, Any]:
    """What a community's fund gave in a year, and what became of points there."""
    return statements.of_community(area_code, by=current_account(), year=wanted["year"] or budgets.this_year())


@bp.get("/points/funds")
@requires(Role.SUPERVISOR, Role.ADMIN)
@bp.arguments(FundFilter, location="query")
@bp.response(200, page_schema(FundOutput))
def list_funds(wanted: dict[str, Any]) -> Page:
    """The funds of a year, with what is left in each."""
    return budgets.page_of_funds(by=current_account(), **wanted)


@bp.post("/points/funds")
@requires(Role.ADMIN)
@bp.refuses(NotYourFund, BudgetSpent)
@bp.arguments(FundInput)
@idempotent
@bp.response(200, FundOutput)
def set_budget(body: dict[str, Any]) -> FundState:
    """Say what a community may give in a year; again to raise or lower it."""
    return budgets.set_budget_of(by=current_account(), **body)


@bp.get("/points/leaderboard")
@signed_in
@bp.arguments(MonthInput, location="query")
@bp.response(200, LeaderboardOutput)
def show_leaders(wanted: dict[str, Any]) -> dict[str, Any]:
    """Who earned most in a month, of those who agreed to be shown."""
    return {"items": leaderboard.leaders(wanted["month"])}


@bp.get("/me/points/leaderboard")
@signed_in
@bp.response(200, ShownNameOutput)
def my_shown_name() -> dict[str, Any]:
    """Under which name I agreed to be shown."""
    return {"name": leaderboard.own_name(current_account().id)}


@bp.post("/me/points/leaderboard")
@signed_in
@bp.refuses(NameTaken)
@bp.arguments(ShownNameInput)
@idempotent
@bp.response(200, ShownNameOutput)
def agree(body: dict[str, Any]) -> ShownName:
    """Agree to be shown, under a name of my choice."""
    return leaderboard.agree(by=current_account(), **body)


@bp.delete("/me/points/leaderboard")
@signed_in
@bp.response(204)
def take_consent_back() -> None:
    """Not be shown any more."""
    leaderboard.take_consent_back(by=current_account())
