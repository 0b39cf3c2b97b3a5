"""Ending what is no case: by the desk, with a reason (作废), or by its reporter before anybody accepted it (撤回)."""

from enum import StrEnum
from uuid import UUID

from incident_service import catalogue, notifications, reports
from incident_service.accounts import Account
from incident_service.cases import access, agenda, history, holding, reported, thanks
from incident_service.cases.models import Case
from incident_service.cases.thanks import occasion
from incident_service.cases.workflow import Move, Status, WrongTurn
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import Words, both
from incident_service.notifications import Kind, Message
from incident_service.points import Reversal
from incident_service.reports import Report


class VoidReason(StrEnum):
    """Why something is no case (不予立案)."""

    NOT_FOUND = "not_found"
    OUTSIDE_JURISDICTION = "outside_jurisdiction"
    SPAM = "spam"
    FALSE_REPORT = "false_report"
    OTHER = "other"


WHY = {
    VoidReason.NOT_FOUND: both("现场未发现该问题", "the problem was not found there"),
    VoidReason.OUTSIDE_JURISDICTION: both("不属于本平台受理范围", "it is not for this platform to deal with"),
    VoidReason.SPAM: both("不是有效上报", "it is not a report of a problem"),
    VoidReason.FALSE_REPORT: both("经核实为虚假上报", "it was found to be untrue"),
    VoidReason.OTHER: both("不予立案", "it is not taken up"),
}
WITHDRAWN = both("上报人撤回", "its reporter took it back")


def void(number: str, *, by: Account, reason: VoidReason, note: str, version: int | None = None) -> Case:
    """End what is no case, and tell its reporters why; thanks given for it are taken back.

    Safe to repeat: a void case comes back as it is. Raises CaseUnknown, NotYourMove, WrongTurn, PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        access.check_may(by, case, Move.VOID)
        if case.status is Status.VOID:
            return case
        access.check_version(case, version)
        history.check(case, Move.VOID)
        false = reason is VoidReason.FALSE_REPORT
        thanks.take_back(case, because=WHY[reason], reason=Reversal.FALSE_REPORT if false else Reversal.VOIDED)
        history.move(case, Move.VOID, by_id=by.id, note=note, reason=reason)
        _end(case, WHY[reason], told={each.reporter_id for each in reported.reports_of(case)} - {by.id})
        return case


def withdraw(report_id: UUID, *, by: Account) -> Report:
    """Take one's own report back, before anybody accepted the case. A case whose only report it was ends; one that
    others reported too goes on for them.

    Safe to repeat. Raises NotFound, WrongTurn.
    """
    with transaction():
        said = reports.find_own(by.id, report_id)
        case = access.locked(said.case_id)
        if said.withdrawn_at:
            return said
        history.check(case, Move.WITHDRAW)
        if case.accepted_at:
            raise WrongTurn(both("已有处置人员签收，不能撤回", "Somebody has accepted it; it cannot be taken back"),
                            **history.standing(case))
        reports.withdraw(said)
        others = [each for each in reports.of_case(case.id) if each.withdrawn_at is None]
        if others:
            history.note(case, Move.WITHDRAW, by_id=by.id, report_id=str(said.id))
        else:
            history.move(case, Move.WITHDRAW, by_id=by.id, report_id=str(said.id))
            _end(case, WITHDRAWN, told=set())
        return said


def _end(case: Case, because: Words, *, told: set[UUID]) -> None:
    """Nothing becomes due any more; whoever had it in hand is told, and `told`: its reporters."""
    given = holding.held(case)
    agenda.wind(case, given)
    name = catalogue.describe(case.category).category
    to_reporters = both("您上报的{name}未立案：{because}", "Your report ({name}) is not a case: {because}",
                        name=name, because=because)
    to_responders = both("案卷 {number} 已终止：{because}", "Case {number} has ended: {because}",
                         number=case.number, because=because)
    notifications.tell([
        *(Message(each, Kind.VOID, occasion(case), case.number, to_reporters) for each in sorted(told)),
        *(Message(each, Kind.ENDED, occasion(case), case.number, to_responders)
          for each in sorted({one.responder_id for one in given} - told)),
    ])
