"""The doors of rosters: read and changed by the desk or an administrator, within their areas."""

from typing import Any
from uuid import UUID

from flask import Response

from incident_service.accounts import NoSuchPerson, current_account, requires
from incident_service.foundation.http import Blueprint, if_match, unchanged
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, page_schema
from incident_service.foundation.problems import PreconditionFailed
from incident_service.routing import rosters
from incident_service.routing.leaves import KEEPERS
from incident_service.routing.models import RosterEntry
from incident_service.routing.roster_schemas import (
    ChangeOutput,
    ChangesFilter,
    ShiftContent,
    ShiftFilter,
    ShiftInput,
    ShiftOutput,
    tag_of,
)
from incident_service.routing.rosters import NoSuchShift, RosterNotYours, ShiftThere

bp = Blueprint("rosters", __name__, url_prefix="/api/v1/routing/roster", description="排班")
Tagged = tuple[RosterEntry, int, dict[str, str]]


@bp.get("")
@requires(*KEEPERS)
@bp.arguments(ShiftFilter, location="query")
@bp.response(200, page_schema(ShiftOutput))
def list_shifts(wanted: dict[str, Any]) -> Page:
    """The shifts of posts within one's areas, the last entered first."""
    return rosters.page_of_shifts(current_account(), **wanted)


@bp.post("")
@requires(*KEEPERS)
@bp.refuses(RosterNotYours, NoSuchPerson, ShiftThere)
@bp.arguments(ShiftInput)
@idempotent
@bp.response(201, ShiftOutput)
def add_shift(body: dict[str, Any]) -> Tagged:
    """Put somebody on the roster of a post, as A 角 or B 角. From its first day on only who the roster names is on duty
    there."""
    entry = rosters.add_shift(body.pop("person_id"), by=current_account(), **body)
    return entry, 201, tag_of(entry)


@bp.get("/changes")
@requires(*KEEPERS)
@bp.arguments(ChangesFilter, location="query")
@bp.response(200, page_schema(ChangeOutput))
def list_changes(wanted: dict[str, Any]) -> Page:
    """What was changed in rosters within one's areas, by whom and when, the newest first."""
    return rosters.page_of_changes(current_account(), **wanted)


@bp.get("/<uuid:id>")
@requires(*KEEPERS)
@bp.refuses(NoSuchShift)
@bp.response(200, ShiftOutput)
@bp.tagged
def show_shift(id: UUID) -> Response | Tagged:
    """One shift, with its ETag."""
    entry = rosters.find_shift(id, by=current_account())
    return unchanged(str(entry.version)) or (entry, 200, tag_of(entry))


@bp.put("/<uuid:id>")
@requires(*KEEPERS)
@bp.refuses(NoSuchShift, NoSuchPerson, ShiftThere, PreconditionFailed)
@bp.arguments(ShiftContent)
@bp.response(200, ShiftOutput)
def change_shift(body: dict[str, Any], id: UUID) -> Tagged:
    """Let a shift run otherwise; person and post stay. `from_on` left out stays as it is."""
    entry = rosters.change_shift(id, by=current_account(), version=if_match(), **body)
    return entry, 200, tag_of(entry)


@bp.delete("/<uuid:id>")
@requires(*KEEPERS)
@bp.refuses(NoSuchShift, PreconditionFailed)
@bp.response(204)
def end_shift(id: UUID) -> None:
    """Let a shift begin no more, from today on; one that has not begun yet is struck out."""
    rosters.end_shift(id, by=current_account(), version=if_match())
