"""A case that was closed too early goes on (重开): asked by its reporter within some days, or ordered by staff."""

from enum import StrEnum
from typing import Any

from flask import current_app

from incident_service import photos, reports
from incident_service.accounts import Account
from incident_service.cases import access, history, holding, thanks
from incident_service.cases.intake import attach
from incident_service.cases.models import Case, Ending, Stage
from incident_service.cases.reporters.standing import check_may_report
from incident_service.cases.workflow import Move, Who
from incident_service.foundation import clock
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import Conflict, FieldError, Invalid
from incident_service.foundation.transaction import let_go, transaction
from incident_service.foundation.words import both
from incident_service.points import Reversal
from incident_service.reports import Report

TAKEN_BACK = both("案卷重开，福分收回", "the case was reopened; the points are taken back")


class ReopenReason(StrEnum):
    """Why a closed case goes on."""

    NOT_SOLVED = "not_solved"
    CAME_BACK = "came_back"
    WRONG_RESULT = "wrong_result"
    OTHER = "other"


class TooLateToReopen(Conflict):
    """The days in which a resident may ask for it have passed."""
    slug, title = "case-too-late-to-reopen", both("已超过申请重开的期限", "The days to ask for a reopening have passed")


def reopen(number: str, *, by: Account, reason: ReopenReason, note: str = "", uploads: list[Any] | None = None,
           version: int | None = None) -> Case:
    """Have a closed case go on: the platform looks for responders again, and its thanks are taken back.

    A reporter does so within REOPEN_DAYS_MAX days of the closing and sends a picture; staff may at any time. The
    deadline and the first clocks stay as they are (figures speak of the first rectification); `closed_at` is set by
    the next closing. Raises CaseUnknown, NotYourMove, WrongTurn, ReporterSuspended, TooLateToReopen, Invalid
    (no picture), PreconditionFailed.
    """
    seen = access.find_seen(number, by=by)
    access.check_may(by, seen, Move.REOPEN)
    history.check(seen, Move.REOPEN)
    is_staffs = bool(access.acting_as(by, seen) & {Who.DESK, Who.SUPERVISOR})
    if not is_staffs:
        check_may_report(by, seen.area_code)
        _check_reporter(seen, uploads or [])
    let_go()
    sealed = photos.take_in(uploads) if uploads else []
    with transaction():
        case = access.locked(seen.id)
        access.check_version(case, version)
        order(case, by=by, reason=reason, note=note)
        if sealed:
            kept = photos.keep(sealed, by_id=by.id)
            attach(case, kept, Stage.BEFORE, report_id=_own(case, by))
        return case


def _check_reporter(case: Case, uploads: list[Any]) -> None:
    """What is asked of a resident who is not satisfied (DOMAIN §3)."""
    if case.closed_at and clock.now() > case.closed_at + current_app.config["REOPEN_TIME"]:
        raise TooLateToReopen()
    if not uploads:
        raise Invalid(errors=[FieldError("#/photos", both("请附上现场照片", "Send a picture of the place"))])


def order(case: Case, *, by: Account, reason: ReopenReason, note: str) -> None:
    """Have a locked, closed case go on in a new round, without anybody who had it before. Raises WrongTurn."""
    history.check(case, Move.REOPEN)
    thanks.take_back(case, because=TAKEN_BACK, reason=Reversal.REOPENED)
    history.move(case, Move.REOPEN, by_id=by.id, note=note, reason=reason,
                 acting=sorted(access.acting_as(by, case)))
    for each in holding.held(case):
        holding.end(each, Ending.REOPENED)
    case.round += 1
    case.closed_at = None
    enqueue("workers.routing.dispatch_case", case_id=str(case.id))


def _own(case: Case, by: Account) -> Any:
    said: list[Report] = [each for each in reports.of_case(case.id) if each.reporter_id == by.id]
    return said[0].id if said else None
