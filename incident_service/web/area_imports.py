"""Importing areas over HTTP: the draft of `areas` and the list of `cases`, within what an administrator administers."""

from typing import Any

from incident_service import areas, cases
from incident_service.accounts import Account, Role
from incident_service.accounts.administration import BeyondReach
from incident_service.areas import Draft, Finding, ImportOutcome, Reading
from incident_service.cases import AreaMove
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both, callers_language

SHOWN_MAX = 200
NAMED_MAX = 20


class AreasUnfit(Invalid):
    """Something in the file forbids the import; `findings` names it feature by feature."""
    slug, title = "areas-unfit", both("区域数据有问题，未导入", "The areas are not in order; nothing was imported")


def preview(collection: dict[str, Any], *, by: Account, accept_repairs: bool, **reading: Any) -> dict[str, Any]:
    """What an import would do. Stores nothing. Raises BeyondReach."""
    drafted = _draft(collection, by=by, accept_repairs=accept_repairs, reading=Reading(**reading))
    return _report(areas.outcome_of(drafted, edition=drafted.edition), _moves(drafted))


def store(collection: dict[str, Any], *, by: Account, based_on: int, source: str, accept_repairs: bool,
          **reading: Any) -> dict[str, Any]:
    """Import what was previewed. Safe to repeat: what is in force already makes no edition.

    Raises BeyondReach, AreasUnfit, ImportsCollided when the edition the preview was `based_on` is in force no more.
    """
    drafted = _draft(collection, by=by, accept_repairs=accept_repairs, reading=Reading(**reading))
    if drafted.edition != based_on:
        raise areas.ImportsCollided()
    if drafted.findings:
        raise AreasUnfit(findings=_shown(drafted.findings), errors=[
            FieldError("#/collection", finding.words) for finding in drafted.findings[:NAMED_MAX]])
    moves = _moves(drafted)
    return _report(areas.put_in_force(drafted, by_id=by.id, source=source), moves)


def _draft(collection: dict[str, Any], *, by: Account, accept_repairs: bool, reading: Reading) -> Draft:
    drafted = areas.draft(collection, reading, accept_repairs=accept_repairs)
    if not all(by.holds(Role.ADMIN, reaching=code) for code in drafted.changes.codes):
        raise BeyondReach()
    return drafted


def _moves(drafted: Draft) -> list[AreaMove]:
    return [] if drafted.findings else cases.area_moves(drafted)


def _report(outcome: ImportOutcome, moves: list[AreaMove]) -> dict[str, Any]:
    counts = ("edition", "added", "reshaped", "renamed", "retired", "unchanged")
    return {name: getattr(outcome, name) for name in counts} | {
        "findings": _shown(outcome.findings), "findings_total": len(outcome.findings),
        "repairs": _shown(outcome.repairs), "remarks": _shown(outcome.remarks),
        "cases_moving": moves[:SHOWN_MAX], "cases_moving_total": len(moves)}


def _shown(findings: Any) -> list[dict[str, Any]]:
    language = callers_language()
    return [_finding(finding, language) for finding in findings[:SHOWN_MAX]]


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    return {"fault": finding.fault, "feature": finding.feature, "detail": finding.detail.in_language(language),
            "can_be_repaired": finding.can_be_repaired}
