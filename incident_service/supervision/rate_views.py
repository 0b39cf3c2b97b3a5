"""The doors of rates."""

from typing import Any
from urllib.parse import urlencode

from marshmallow import fields, validate

from incident_service.accounts import Role, current_account, requires
from incident_service.foundation.http import Blueprint, Text
from incident_service.foundation.paging import PageInput
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import callers_language, spoken
from incident_service.supervision import presenting
from incident_service.supervision.asking import GroupedInput, filters_of, period_of
from incident_service.supervision.behind import page_of
from incident_service.supervision.explaining import mark, what_counts
from incident_service.supervision.out_schemas import RatesOutput, RateVersionsOutput
from incident_service.supervision.rate_table import Rate, all_rates, rates_called
from incident_service.supervision.rates import Part, Rates, Value, facts_behind, rates_of
from incident_service.supervision.schemas import CasesBehindOutput
from incident_service.supervision.scope import scope_of
from incident_service.supervision.views import as_asked

bp = Blueprint("rates", __name__, url_prefix="/api/v1/supervision", description="督查")
CASES = "/api/v1/supervision/rates/cases"
RATES = "Rates by name: `code` for the last version, or `code@version`, with commas between them; else the last of all"


class RatesInput(GroupedInput):
    """Which rates of which cases; the period is of the deadlines, or of the reports, as the rate says."""
    rate = Text(load_default="", metadata={"description": RATES})


class RateCasesInput(GroupedInput, PageInput):
    """Which cases, on which side of the line of which rate."""
    rate = Text(required=True, validate=validate.Regexp(r"[^,]+\Z"), metadata={"description": "one of them"})
    part = fields.Enum(Part, by_value=True, load_default=Part.DENOMINATOR)
    key = Text(load_default=None)


@bp.get("/rates")
@requires(Role.SUPERVISOR)
@bp.arguments(RatesInput, location="query")
@bp.response(200, RatesOutput)
def show_rates(wanted: dict[str, Any]) -> dict[str, Any]:
    """Rates with numerator and denominator, within my areas. Two versions of one may be put side by side."""
    found = rates_of(scope_of(current_account()), period_of(wanted), rates_called(wanted["rate"]),
                     group_by=wanted["group_by"], filters=filters_of(wanted))
    return _told(found)


@bp.get("/rates/versions")
@requires(Role.SUPERVISOR)
@bp.response(200, RateVersionsOutput)
def show_rate_versions() -> dict[str, Any]:
    """What each rate means, in all its versions."""
    return {"items": [_defined(rate) for rate in all_rates().values()]}


@bp.get("/rates/cases")
@requires(Role.SUPERVISOR)
@bp.arguments(RateCasesInput, location="query")
@bp.response(200, CasesBehindOutput)
@snapshot()
def show_cases_of_rate(wanted: dict[str, Any]) -> dict[str, Any]:
    """The cases above or below the line of a rate, newest first."""
    filters = filters_of(wanted, group_by=wanted["group_by"], key=wanted["key"])
    rate = rates_called(wanted["rate"])[0]
    facts = facts_behind(scope_of(current_account()), period_of(wanted), rate, wanted["part"], filters)
    return presenting.listed(page_of(facts, limit=wanted["limit"], cursor=wanted["cursor"]))


def _defined(rate: Rate) -> dict[str, Any]:
    return rate._asdict() | {"name": spoken(rate.name, callers_language())}


def _told(found: Rates) -> dict[str, Any]:
    asked = presenting.question(as_asked(), found.period)

    def values(some: list[Value], more: dict[str, str]) -> list[dict[str, Any]]:
        return [_value(each, asked | more) for each in some]

    return {
        "since": found.period.since, "until": found.period.until, "group_by": found.group_by,
        "rates": [_defined(rate) for rate in found.rates], "total": values(found.total, {}),
        "items": [{"key": item.key, "name": spoken(item.name, callers_language()), "values": values(
            item.values, {"group_by": str(found.group_by), "key": item.key or ""})} for item in found.items],
        "what_counts": [each.in_language(callers_language()) for each in what_counts()]}


def _value(each: Value, asked: dict[str, str]) -> dict[str, Any]:
    urls = {f"{part}_url": f"{CASES}?{urlencode(asked | {'rate': each.rate.called, 'part': part.value})}"
            for part in Part}
    return {"code": each.rate.code, "version": each.rate.version, "numerator": each.numerator,
            "denominator": each.denominator, "percent": each.percent, "sample": mark(each.denominator)} | urls
