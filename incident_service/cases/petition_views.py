"""The doors of extensions, suspensions and resumptions."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from incident_service import cases
from incident_service.accounts import current_account, requires
from incident_service.cases import access
from incident_service.cases.extending import NotToExtend
from incident_service.cases.move_schemas import NoteInput, ReasonedInput
from incident_service.cases.petition_models import PetitionReason, Wish
from incident_service.cases.petitioning import AlreadyAsked, NotToApprove, PetitionDecided, PetitionUnknown
from incident_service.cases.schemas import CaseOutput
from incident_service.cases.views import MOVE_REFUSALS, changed
from incident_service.foundation.http import Blueprint, Moment, Schema, Text, if_match
from incident_service.foundation.idempotency import idempotent

bp = Blueprint("petitions", __name__, url_prefix="/api/v1", description="延期与挂账")
ASKING = (*MOVE_REFUSALS, access.NotYourMove, AlreadyAsked)
DECIDING = (*MOVE_REFUSALS, PetitionUnknown, NotToApprove, PetitionDecided, NotToExtend)


class ExtensionInput(Schema):
    """Why more time is needed; `other` needs a note."""
    reason = fields.Enum(PetitionReason, by_value=True, required=True)
    note = Text(load_default="", validate=validate.Length(max=2000))


class SuspensionInput(ExtensionInput):
    """Why the clock should stand still, and until when: at most a year."""
    until = Moment(required=True)


@bp.post("/cases/<number>/extension")
@requires(*access.STAFF)
@bp.refuses(*ASKING, NotToExtend)
@bp.arguments(ExtensionInput)
@idempotent
@bp.response(200, CaseOutput)
def ask_for_extension(body: dict[str, Any], number: str) -> Any:
    """Ask for more time (延期): one original limit, at most twice, never once overdue. Somebody else decides."""
    cases.petition(number, Wish.EXTENSION, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/suspension")
@requires(*access.STAFF)
@bp.refuses(*ASKING)
@bp.arguments(SuspensionInput)
@idempotent
@bp.response(200, CaseOutput)
def ask_for_suspension(body: dict[str, Any], number: str) -> Any:
    """Ask for a pause of the clock until a day (挂账). Somebody else decides; it ends by itself on its day."""
    cases.petition(number, Wish.SUSPENSION, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/petitions/<uuid:petition_id>/approval")
@requires(*access.STAFF)
@bp.refuses(*DECIDING)
@bp.arguments(NoteInput)
@idempotent
@bp.response(200, CaseOutput)
def grant_petition(body: dict[str, Any], number: str, petition_id: UUID) -> Any:
    """Give what was asked for: a desk clerk or supervisor of the area, never who asked."""
    cases.grant(number, petition_id, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/petitions/<uuid:petition_id>/refusal")
@requires(*access.STAFF)
@bp.refuses(*DECIDING)
@bp.arguments(ReasonedInput)
@idempotent
@bp.response(200, CaseOutput)
def refuse_petition(body: dict[str, Any], number: str, petition_id: UUID) -> Any:
    """Refuse what was asked for, and say why."""
    cases.refuse(number, petition_id, by=current_account(), version=if_match(), **body)
    return changed(number)


@bp.post("/cases/<number>/resumption")
@requires(*access.STAFF)
@bp.refuses(*MOVE_REFUSALS, access.NotYourMove)
@bp.arguments(NoteInput)
@idempotent
@bp.response(200, CaseOutput)
def resume_case(body: dict[str, Any], number: str) -> Any:
    """Take a suspended case up again before its day (恢复)."""
    cases.resume(number, by=current_account(), version=if_match(), **body)
    return changed(number)
