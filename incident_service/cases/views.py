"""The doors of cases, reports and their pictures."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, request

from incident_service import accounts, cases, photos, reports
from incident_service.accounts import anyone, current_account, requires, signed_in
from incident_service.cases import access, finding, lifecycle, presenting, queries
from incident_service.cases.case_file import CaseFile, open_file
from incident_service.cases.closure import NoPictureOfResult, NotToClose, NotWeighed, close_file
from incident_service.cases.evidence import EvidenceRefused
from incident_service.cases.history_schemas import EventsOutput, LifecycleOutput
from incident_service.cases.in_hand import NoLongerYours, NotYours
from incident_service.cases.input_schemas import (
    AcceptanceInput,
    CaseFilter,
    ClosureInput,
    RectificationInput,
    ReportInput,
    ReturnInput,
    TransferInput,
)
from incident_service.cases.pushing import pushing
from incident_service.cases.reporters.standing import ReporterSuspended
from incident_service.cases.returning import NotToReturn
from incident_service.cases.schemas import CandidatesOutput, CaseOutput, CaseSummary, PushingOutput, ReportOutput
from incident_service.cases.search import TooLittleSaid
from incident_service.cases.transfer import NotToTransfer
from incident_service.cases.workflow import WrongTurn
from incident_service.catalogue import UnknownCategory
from incident_service.foundation import limits
from incident_service.foundation.http import Blueprint, if_match, unchanged
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import PageInput, page_schema
from incident_service.foundation.problems import PreconditionFailed, Unauthenticated
from incident_service.foundation.words import callers_language

bp = Blueprint("cases", __name__, url_prefix="/api/v1", description="上报与案卷")
MOVE_REFUSALS = (access.CaseUnknown, WrongTurn, PreconditionFailed)
PICTURE_REFUSALS = (photos.PhotosRefused, photos.PhotoCountRefused, photos.PhotoTooLarge, photos.PhotoTypeRefused,
                    photos.PressUnreachable)


@bp.post("/reports")
@signed_in
@bp.refuses(*PICTURE_REFUSALS, UnknownCategory, EvidenceRefused, ReporterSuspended, limits.TriedTooOften)
@bp.arguments(ReportInput, location="form_and_files")
@idempotent
@bp.response(201, ReportOutput)
def send_report(body: dict[str, Any]) -> dict[str, Any]:
    """Report a problem with 1 to 9 photos. The case exists when the answer arrives."""
    limits.take(current_app.config["REPORT_LIMIT_PER_ACCOUNT"], "report/account", str(current_account().id))
    return presenting.report(cases.report(by=current_account(), uploads=body.pop("photos"), **body))


@bp.get("/reports")
@signed_in
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(ReportOutput))
def my_reports(page: dict[str, Any]) -> dict[str, Any]:
    """My own reports, newest first."""
    found = reports.own_reports(current_account().id, **page)
    return {"items": [presenting.report(each) for each in queries.report_files(found.items)],
            "next_cursor": found.next_cursor}


@bp.get("/reports/<uuid:id>")
@signed_in
@bp.response(200, ReportOutput)
def my_report(id: UUID) -> dict[str, Any]:
    """One of my own reports, with the progress of its case."""
    return presenting.report(queries.report_file(reports.find_own(current_account().id, id)))


@bp.get("/cases")
@requires(*access.STAFF)
@bp.refuses(TooLittleSaid)
@bp.arguments(CaseFilter, location="query")
@bp.response(200, page_schema(CaseSummary))
def list_cases(wanted: dict[str, Any]) -> dict[str, Any]:
    """The cases the caller may see, newest first, narrowed by filters."""
    found = finding.page_of_cases(by=current_account(), **wanted)
    return {"items": [presenting.summary(each) for each in found.items], "next_cursor": found.next_cursor}


@bp.get("/workflow")
@signed_in
@bp.response(200, LifecycleOutput)
def show_workflow() -> dict[str, Any]:
    """Which status may follow which, by whom, with what: what screens build their buttons from."""
    return lifecycle.as_data(callers_language())


@bp.get("/pushing")
@requires(*access.STAFF)
@bp.response(200, PushingOutput)
def show_pushing() -> dict[str, Any]:
    """Whether cases go out as they should, asked of the database alone: true also while workers are away."""
    return presenting.pushing(pushing(by=current_account()))


@bp.get("/cases/<number>")
@requires(*access.STAFF)
@bp.response(200, CaseOutput)
@bp.tagged
def show_case(number: str) -> Response | tuple[dict[str, Any], int, dict[str, str]]:
    """One case with all that belongs to it. A responder who opens what was pushed to them has seen it."""
    cases.see(number, by=current_account())
    whole = presenting.whole(open_file(number, by=current_account()))
    tag = presenting.tag(whole)
    return unchanged(tag) or _tagged(whole, tag)


def _tagged(whole: dict[str, Any], tag: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    return whole, 200, {"ETag": f'W/"{tag}"'}


def shown(file: CaseFile) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A case as its file tells it."""
    whole = presenting.whole(file)
    return _tagged(whole, presenting.tag(whole))


def changed(number: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The case after a move."""
    return shown(open_file(number, by=current_account()))


@bp.get("/cases/<number>/events")
@requires(*access.STAFF)
@bp.response(200, EventsOutput)
def show_history(number: str) -> dict[str, Any]:
    """The whole history of a case, from its beginning."""
    case = access.find(number, by=current_account())
    return {"items": presenting.history(case, queries.events_of(case), reports.of_case(case.id)), "next_cursor": None}


@bp.post("/cases/<number>/acceptance")
@requires(*access.STAFF)
@bp.refuses(*MOVE_REFUSALS, NotYours, NoLongerYours)
@bp.arguments(AcceptanceInput)
@idempotent
@bp.response(200, CaseOutput)
def accept_case(body: dict[str, Any], number: str) -> Any:
    """Confirm that the case was received (签收)."""
    cases.accept(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.get("/cases/<number>/candidates")
@requires(*access.STAFF)
@bp.refuses(access.CaseUnknown, NotToTransfer)
@bp.response(200, CandidatesOutput)
def list_candidates(number: str) -> dict[str, Any]:
    """Whom the desk may give the case: everybody who responds in its district."""
    found = cases.candidates(number, by=current_account())
    return {"items": [presenting.candidate(*each) for each in found], "next_cursor": None}


@bp.post("/cases/<number>/transfer")
@requires(*access.STAFF)
@bp.refuses(*MOVE_REFUSALS, NotToTransfer)
@bp.arguments(TransferInput)
@idempotent
@bp.response(200, CaseOutput)
def transfer_case(body: dict[str, Any], number: str) -> Any:
    """Give a case to a responder who then leads, to one who assists, or to both. Who had the part has it no more."""
    cases.transfer(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/return")
@requires(*access.STAFF)
@bp.refuses(*MOVE_REFUSALS, NotYours, NoLongerYours, NotToReturn)
@bp.arguments(ReturnInput)
@idempotent
@bp.response(200, CaseOutput)
def return_case(body: dict[str, Any], number: str) -> Any:
    """Say that a case is not yours (退单). A second return puts it before a named person, with boundary and rule."""
    cases.give_back(number, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/rectification")
@requires(*access.STAFF)
@bp.refuses(*MOVE_REFUSALS, NotYours, NoLongerYours, *PICTURE_REFUSALS)
@bp.arguments(RectificationInput, location="form_and_files")
@idempotent
@bp.response(200, CaseOutput)
def rectify_case(body: dict[str, Any], number: str) -> Any:
    """Say that the work is done, with at least one picture of the result (整改)."""
    cases.rectify(number, by=current_account(), uploads=body.pop("photos"), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/closure")
@requires(*access.STAFF)
@bp.refuses(*MOVE_REFUSALS, NotToClose, NoPictureOfResult, NotWeighed)
@bp.arguments(ClosureInput)
@idempotent
@bp.response(200, CaseOutput)
def close_case(body: dict[str, Any], number: str) -> Any:
    """Close a rectified case (结案).

    409 when there is no picture of the result, or a warning about one is not among `acknowledged`.
    """
    return shown(close_file(number, by=current_account(), version=if_match(), **body))


@bp.get("/photos/<uuid:id>/<any(thumb,screen):size>")
@anyone
@bp.doc(security=[{}, {"bearer": []}], parameters=photos.LINK_PARAMETERS)
@bp.refuses(Unauthenticated, photos.LinkNotGood, photos.PhotoNotReady, photos.PhotoUnreadable)
@bp.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@bp.tagged
def show_photo(id: UUID, size: str) -> Response:
    """A picture, for whoever may see its case or holds a signed link."""
    if "signature" in request.args:
        return photos.answer(photos.check_link(id, size, request.args), size)
    return photos.answer(access.find_photo(id, by=accounts.speaking()), size)
