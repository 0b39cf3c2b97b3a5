"""Cases and reports in the words and shapes of the API: staff see pseudonyms, residents see roles."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from incident_service import accounts, areas, catalogue, photos, routing
from incident_service.accounts import Account, RoleHeld
from incident_service.areas import CoordinateSystem
from incident_service.cases import deadline, disputes, pseudonyms, timeline
from incident_service.cases.case_file import CaseFile
from incident_service.cases.doubts import Doubt
from incident_service.cases.models import Case, CaseEvent, Dispatch, Stage
from incident_service.cases.pushing import Pushing, delayed_s
from incident_service.cases.queries import ReportFile, is_overdue
from incident_service.cases.thanks import is_late
from incident_service.cases.workflow import Move, Who, may_make
from incident_service.foundation.words import Words, both, callers_language
from incident_service.photos import Photo
from incident_service.reports import Report

PLATFORM = both("平台", "the platform")


def _said(words: Words) -> str:
    return words.in_language(callers_language())


def pseudonym(case_id: UUID, reporter_id: UUID) -> str:
    """What staff call a reporter: the same within one case, another in every other case."""
    return _said(pseudonyms.pseudonym(case_id, reporter_id))


def summary(case: Case) -> dict[str, Any]:
    """A case in a list."""
    described = catalogue.describe(case.category, case.condition)
    columns = ("number", "status", "category", "condition", "address", "area_code", "beat_code", "unroutable_reason",
               "round", "version", "opened_at", "pushed_at", "accepted_at", "rectified_at", "closed_at", "due_at",
               "late_excused_at")
    return {name: getattr(case, name) for name in columns} | {
        "category_name": _said(described.category), "condition_name": _said(described.condition),
        "position": position(case.longitude, case.latitude), "is_overdue": is_overdue(case),
        "push_delayed_s": delayed_s(case)}


def position(longitude: float, latitude: float, system: str = CoordinateSystem.WGS84) -> dict[str, Any]:
    """A place with its coordinate system."""
    return {"longitude": longitude, "latitude": latitude, "coordinate_system": CoordinateSystem(system)}


def whole(file: CaseFile) -> dict[str, Any]:
    """A case with all that belongs to it, for staff."""
    case = file.case
    dispatches = [_dispatch(*each) for each in file.dispatches]
    return summary(case) | {
        "area": _path(case.area_code),
        "reports": [_report_in_case(case, each) for each in file.reports],
        "photos": {str(stage): pictures(file.photos[stage]) for stage in Stage},
        "dispatches": dispatches,
        "clocks": _clocks(case),
        "deadline": _deadline(file),
        "dispute": _dispute(file),
        "suspended_until": case.suspended_until,
        "petitions": _petitions(file),
        "closing_condition": _said(catalogue.describe(case.category).closing),
        "explanation": [each["explanation"] for each in dispatches] or _why_held(case),
        "allowed": file.allowed,
        "warnings": [warning(each) for each in file.doubts],
        "merged_into": file.merged_into, "merged": list(file.merged),
    }


def pushing(found: Pushing) -> dict[str, Any]:
    """How pushing goes, in the reader's language."""
    return found._asdict() | {"is_delayed": found.is_delayed, "text": _said(found.text)}


def warning(doubt: Doubt) -> dict[str, Any]:
    """A doubt about a picture, in the reader's language."""
    return doubt._asdict() | {"text": _said(doubt.text)}


def tag(shown: Mapping[str, Any]) -> str:
    """The ETag of a case as it is shown `whole`: its version first, then all that is shown: names, areas and
    words change without it. Of a delay only whether there is one: it grows all the time."""
    moving = {**shown, "push_delayed_s": shown["push_delayed_s"] is None, "language": callers_language()}
    digest = sha256(orjson.dumps(moving, default=str, option=orjson.OPT_NON_STR_KEYS))
    return f"{shown['version']}-{digest.hexdigest()[:12]}"


def _path(code: str | None) -> list[dict[str, str]]:
    if code is None or not areas.is_known(code):
        return []
    return [{"code": each.code, "name": each.name, "layer": str(each.layer)} for each in areas.path_of(code)]


def _dispatch(given: Dispatch, name: str) -> dict[str, Any]:
    columns = ("part", "role", "kind", "round", "pushed_at", "seen_at", "accepted_at", "rectified_at", "ended_at",
               "ended_because")
    return {column: getattr(given, column) for column in columns} | {
        "held_s": _seconds(given.pushed_at, given.rectified_at or given.ended_at),
        "responder": {"id": given.responder_id, "name": name},
        "explanation": _said(routing.sentence(given.part, given.role, given.kind, given.explanation))}


def _why_held(case: Case) -> list[str]:
    return [_said(routing.why_unroutable(case.unroutable_reason))] if case.unroutable_reason else []


def _report_in_case(case: Case, said: Report) -> dict[str, Any]:
    return {"id": said.id, "reporter": pseudonym(case.id, said.reporter_id), "description": said.description,
            "address": said.address, "taken_at": said.taken_at, "received_at": said.received_at,
            "received_position": position(said.received_longitude, said.received_latitude, said.received_system)}


def pictures(some: Iterable[Photo]) -> list[dict[str, Any]]:
    """Photos with links that end."""
    return [{"id": photo.id, "urls": photos.signed_urls(photo), "status": photo.status,
             "captured_at": photo.captured_at} for photo in some]


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)


def _clocks(case: Case) -> dict[str, Any]:
    return {
        "report_to_dispatch_s": _seconds(case.opened_at, case.pushed_at),
        "dispatch_to_accept_s": _seconds(case.pushed_at, case.accepted_at),
        "dispatch_to_rectify_s": _seconds(case.pushed_at, case.rectified_at),
        "dispatch_to_close_s": _seconds(case.pushed_at, case.closed_at),
        "within_limit": None if case.rectified_at is None or case.due_at is None else not is_late(case),
    }


def _deadline(file: CaseFile) -> dict[str, Any] | None:
    explained = deadline.explain(file.case, file.events)
    return explained and explained | {"text": [_said(each) for each in explained["text"]]}


def _petitions(file: CaseFile) -> list[dict[str, Any]]:
    names = accounts.names_of({each.asked_by_id for each in file.petitions}) if file.petitions else {}
    columns = ("id", "wish", "reason", "note", "until", "asked_at", "decided_at", "is_granted")
    return [{name: getattr(each, name) for name in columns} | {"asked_by": names.get(each.asked_by_id, "")}
            for each in file.petitions]


def _dispute(file: CaseFile) -> dict[str, Any] | None:
    """Before whom a case was put that came back twice, and what speaks for where it went."""
    if file.dispute is None:
        return None
    return {"put_at": file.dispute.put_at, "decided_at": file.dispute.decided_at,
            "decider": {"id": file.dispute.decider_id, "name": accounts.find(file.dispute.decider_id).name},
            "proof": [each | {"text": _said(each["text"])} for each in disputes.proof(file.dispatches)]}


def candidate(account: Account, held: RoleHeld, in_hand: int) -> dict[str, Any]:
    """Somebody a desk may give a case, and as what."""
    return {"id": account.id, "name": account.name, "role": held.role, "kind": held.kind or None,
            "area_code": held.area_code, "open_dispatches": in_hand}


def history(case: Case, events: Iterable[CaseEvent], said: Iterable[Report]) -> list[dict[str, Any]]:
    """The history for staff; who reported the case appears under the case's pseudonym in whatever reporters do."""
    some, reporters = list(events), {each.reporter_id for each in said}
    names = accounts.names_of({event.by_id for event in some if event.by_id})
    columns = ("sequence", "at", "move", "status_before", "status_after", "note", "details")
    return [{name: getattr(event, name) for name in columns} | {"by": _who(case, event, names, reporters)}
            for event in some]


def _who(case: Case, event: CaseEvent, names: dict[UUID, str], reporters: Collection[UUID]) -> str:
    if event.by_id is None:
        return _said(PLATFORM)
    if is_a_reporters(event, reporters):
        return pseudonym(case.id, event.by_id)
    return names.get(event.by_id, "")


def is_a_reporters(event: CaseEvent, reporters: Collection[UUID]) -> bool:
    """Whether a reporter made this line, also one who joined, or whose report has left the case since."""
    is_theirs = event.move in (Move.REPORT, Move.JOIN, Move.WITHDRAW) and "report_id" in event.details
    may_be = event.move is Move.REPORT or may_make(event.move, {Who.REPORTER})
    if event.move is Move.ANSWER:
        return True                                 # nobody else answers
    return is_theirs or event.details.get("acting") == [Who.REPORTER] or (may_be and event.by_id in reporters)


def report(file: ReportFile) -> dict[str, Any]:
    """A report as its reporter follows it: roles, never the names of staff."""
    columns = ("id", "category", "description", "address", "taken_at", "received_at")
    return {name: getattr(file.report, name) for name in columns} | {
        "case_number": file.case.number, "status": file.case.status, "due_at": file.case.due_at,
        "merged_into_existing": _has_joined(file), "withdrawn_at": file.report.withdrawn_at, "points": file.points,
        "category_name": _said(catalogue.describe(file.report.category).category),
        "position": position(file.report.longitude, file.report.latitude),
        "photos": pictures(file.photos[Stage.BEFORE]), "after_photos": pictures(file.photos[Stage.AFTER]),
        "warnings": [_said(each) for each in file.rule_doubts],
        "progress": [line for event in file.events if (line := timeline.step(event, file.report))],
    }


def _has_joined(file: ReportFile) -> bool:
    """Whether the report speaks of a thing that somebody else had reported: it joined, or its case was merged."""
    return file.case.id != file.report.case_id or any(
        event.move is Move.JOIN and event.details.get("report_id") == str(file.report.id) for event in file.events)
