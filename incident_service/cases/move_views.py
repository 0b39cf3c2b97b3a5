"""The doors of the moves of a case beside accepting, rectifying and closing it."""

from typing import Any
from uuid import UUID

from incident_service import cases
from incident_service.accounts import Role, current_account, requires, signed_in
from incident_service.cases import access, appealing, merging, presenting, queries, second_look
from incident_service.cases.answering import AnsweredBefore, may_reopen_until
from incident_service.cases.checking import NotToCheck
from incident_service.cases.models import Case
from incident_service.cases.move_schemas import (
    AmendmentInput,
    AppealOutput,
    CommentInput,
    ConditionInput,
    DecisionInput,
    DuplicatesOutput,
    MergeInput,
    MovedOutput,
    NoteInput,
    ReasonedInput,
    ReopeningInput,
    ReviewInput,
    SatisfactionInput,
    SatisfactionOutput,
    SecondLookOutput,
    VoidInput,
)
from incident_service.cases.reopening import TooLateToReopen
from incident_service.cases.reporters.standing import ReporterSuspended
from incident_service.cases.schemas import CaseOutput, ReportOutput
from incident_service.cases.separating import FirstOfItsCase
from incident_service.cases.views import MOVE_REFUSALS, PICTURE_REFUSALS, changed
from incident_service.catalogue import UnknownCategory, UnknownCondition
from incident_service.foundation.http import Blueprint, if_match
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import PageInput, page_schema

bp = Blueprint("moves", __name__, url_prefix="/api/v1", description="案卷流转")
REFUSALS = (*MOVE_REFUSALS, access.NotYourMove)


@bp.post("/cases/<number>/check")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, NotToCheck)
@bp.arguments(NoteInput)
@idempotent
@bp.response(200, CaseOutput)
def check_case(body: dict[str, Any], number: str) -> Any:
    """Note that the result was looked at and is good (核查)."""
    cases.check(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/rework")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, NotToCheck)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(200, CaseOutput)
def rework_case(body: dict[str, Any], number: str) -> Any:
    """Give a case back to its responders, because the check failed (返工)."""
    cases.rework(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/voiding")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS)
@bp.arguments(VoidInput)
@idempotent
@bp.response(200, CaseOutput)
def void_case(body: dict[str, Any], number: str) -> Any:
    """End what is no case, and say why (作废). Its reporters are told."""
    cases.void(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/amendment")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, UnknownCategory)
@bp.arguments(AmendmentInput)
@idempotent
@bp.response(200, CaseOutput)
def amend_case(body: dict[str, Any], number: str) -> Any:
    """Correct the category or the place of a case; it is then routed anew."""
    cases.amend(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/condition")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, UnknownCategory, UnknownCondition)
@bp.arguments(ConditionInput)
@idempotent
@bp.response(200, CaseOutput)
def regrade_case(body: dict[str, Any], number: str) -> Any:
    """Set how grave a case is (立案条件); its deadline follows, from the same push."""
    cases.regrade(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/reopening")
@signed_in
@bp.refuses(*REFUSALS, ReporterSuspended, TooLateToReopen, *PICTURE_REFUSALS)
@bp.arguments(ReopeningInput, location="form_and_files")
@idempotent
@bp.response(200, MovedOutput)
def reopen_case(body: dict[str, Any], number: str) -> Case:
    """Have a closed case go on (重开): its reporter within some days, with a picture; staff at any time."""
    return cases.reopen(number, by=current_account(), uploads=body.pop("photos"), version=if_match(), **body)


@bp.post("/cases/<number>/satisfaction")
@signed_in
@bp.refuses(*REFUSALS, AnsweredBefore)
@bp.arguments(SatisfactionInput)
@idempotent
@bp.response(200, SatisfactionOutput)
def answer_case(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Say once whether what I reported is solved, and whether I am satisfied (评价). Not solved: it may be reopened."""
    case = cases.answer(number, by=current_account(), **body)
    return {"number": case.number, "solved": body["is_solved"], "satisfied": body["is_satisfied"],
            "may_reopen_until": None if body["is_solved"] else may_reopen_until(case)}


@bp.post("/cases/<number>/comments")
@signed_in
@bp.refuses(access.CaseUnknown, access.NotYourMove)
@bp.arguments(CommentInput)
@idempotent
@bp.response(201, MovedOutput)
def comment_case(body: dict[str, Any], number: str) -> Case:
    """Add words to a case (备注): among staff, or public. What its reporter says is always read by staff."""
    return cases.comment(number, by=current_account(), **body)


@bp.get("/cases/<number>/duplicates")
@requires(*access.STAFF)
@bp.refuses(access.CaseUnknown)
@bp.response(200, DuplicatesOutput)
def list_duplicates(number: str) -> dict[str, Any]:
    """Open cases that may be the same thing as this one, the surest and nearest first."""
    return {"items": [{"number": each.case.number, "status": each.case.status, "distance_m": round(each.distance_m, 1),
                       "likeness": each.likeness, "plates": sorted(each.plates),
                       "has_same_picture": each.has_same_picture}
                      for each in merging.duplicates(number, by=current_account())], "next_cursor": None}


@bp.post("/cases/<number>/merge")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS)
@bp.arguments(MergeInput)
@idempotent
@bp.response(200, CaseOutput)
def merge_case(body: dict[str, Any], number: str) -> Any:
    """Let another case go on for this one (并案): its reporters follow that case."""
    cases.merge(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/unmerging")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, merging.NotMergedNow)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(200, CaseOutput)
def unmerge_case(body: dict[str, Any], number: str) -> Any:
    """Undo a merge (拆案): the case is again what it was."""
    cases.unmerge(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/reports/<uuid:id>/separation")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, FirstOfItsCase)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(201, MovedOutput)
def separate_report(body: dict[str, Any], number: str, id: UUID) -> Case:
    """Give a report that joined this case, but speaks of something else, a case of its own (拆出): the new one."""
    return cases.separate(number, id, by=current_account(), version=if_match(), **body)


@bp.post("/cases/<number>/appeal")
@requires(*access.STAFF)
@bp.refuses(*REFUSALS, appealing.NotLate, appealing.AppealMade)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(200, CaseOutput)
def appeal_case(body: dict[str, Any], number: str) -> Any:
    """Ask that a late rectification be excused (申诉). There is one appeal for a case."""
    cases.appeal(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/appeal/decision")
@requires(Role.SUPERVISOR)
@bp.refuses(*REFUSALS, appealing.AppealDecided, appealing.Concerned)
@bp.arguments(DecisionInput)
@idempotent
@bp.response(200, CaseOutput)
def decide_appeal(body: dict[str, Any], number: str) -> Any:
    """Excuse a late rectification, or refuse to. The clocks stay; figures honour what was granted."""
    cases.decide(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.get("/supervision/appeals")
@requires(Role.SUPERVISOR)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(AppealOutput))
def list_appeals(page: dict[str, Any]) -> dict[str, Any]:
    """The appeals that wait for me, the oldest first."""
    found = appealing.page_of_appeals(by=current_account(), **page)
    return {"items": queries.with_numbers(found.items), "next_cursor": found.next_cursor}


@bp.post("/cases/<number>/review")
@requires(Role.SUPERVISOR)
@bp.refuses(*REFUSALS, second_look.LookTaken, appealing.Concerned)
@bp.arguments(ReviewInput)
@idempotent
@bp.response(200, CaseOutput)
def review_case(body: dict[str, Any], number: str) -> Any:
    """Say what the second look at a closed case found (抽查); wrongly closed, it goes on."""
    cases.review(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.get("/supervision/second-looks")
@requires(Role.SUPERVISOR)
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(SecondLookOutput))
def list_second_looks(page: dict[str, Any]) -> dict[str, Any]:
    """The closings drawn for a second look that wait for me, the oldest first."""
    found = second_look.page_of_looks(by=current_account(), **page)
    return {"items": queries.with_numbers(found.items), "next_cursor": found.next_cursor}


@bp.post("/reports/<uuid:id>/withdrawal")
@signed_in
@bp.refuses(*MOVE_REFUSALS)
@idempotent
@bp.response(200, ReportOutput)
def withdraw_report(id: UUID) -> dict[str, Any]:
    """Take my own report back, before anybody accepted the case (撤回)."""
    return presenting.report(queries.report_file(cases.withdraw(id, by=current_account())))
