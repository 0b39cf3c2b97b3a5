"""The doors of a case's pictures: boxes on them, their originals, and before beside after."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response

from incident_service import accounts, cases, photos
from incident_service.accounts import current_account, requires, signed_in
from incident_service.cases import access
from incident_service.cases.beside import NothingToCompare
from incident_service.cases.originals import KEEPERS, NotAKeeper
from incident_service.cases.picture_schemas import (
    OriginalRequestInput,
    OriginalRequestOutput,
    OriginalRequestsOutput,
    RedactionInput,
    RedactionsOutput,
)
from incident_service.cases.redaction import NotToRedact
from incident_service.foundation.consent import SecondPersonNeeded
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.photos import Box, OriginalLook, OriginalRequest, Photo, Redaction

bp = Blueprint("case-pictures", __name__, url_prefix="/api/v1", description="案卷照片：遮挡、原件、前后对比")
BYTES = {"type": "string", "format": "binary"}


@bp.post("/cases/<number>/photos/<uuid:id>/redactions")
@requires(*access.STAFF)
@bp.refuses(access.CaseUnknown, NotToRedact, photos.TooManyBoxes)
@bp.arguments(RedactionInput)
@idempotent
@bp.response(201, RedactionsOutput)
def redact(body: dict[str, Any], number: str, id: UUID) -> dict[str, Any]:
    """Hide what must not be seen (人脸、车牌、门牌). Copies without it are made; until then none is shown."""
    boxes = [(each["kind"], _inside(each)) for each in body["boxes"]]
    return _boxes(cases.redact(number, id, boxes, by=current_account()))


@bp.get("/cases/<number>/photos/<uuid:id>/redactions")
@requires(*access.STAFF)
@bp.refuses(access.CaseUnknown)
@bp.response(200, RedactionsOutput)
def show_redactions(number: str, id: UUID) -> dict[str, Any]:
    """The boxes that lie on a picture."""
    return _boxes(cases.picture(number, id, by=current_account())[1])


@bp.delete("/cases/<number>/photos/<uuid:id>/redactions/<uuid:box_id>")
@requires(*access.STAFF)
@bp.refuses(access.CaseUnknown, NotToRedact)
@bp.response(200, RedactionsOutput)
def unveil(number: str, id: UUID, box_id: UUID) -> dict[str, Any]:
    """Take a box away again: likewise a new revision of the picture."""
    return _boxes(cases.unveil(number, id, box_id, by=current_account()))


def _inside(box: dict[str, float]) -> Box:
    return Box(box["left"], box["top"], min(box["width"], 1 - box["left"]), min(box["height"], 1 - box["top"]))


def _boxes(photo: Photo) -> dict[str, Any]:
    boxes: Sequence[Redaction] = photos.boxes_on(photo.id)
    names = accounts.names_of({box.added_by_id for box in boxes})
    columns = ("id", "kind", "left_part", "top_part", "width_part", "height_part", "added_at")
    return {"photo_id": photo.id, "revision": photo.revision, "status": photo.status, "items": [
        {name: getattr(box, name) for name in columns} | {"added_by": names[box.added_by_id]} for box in boxes]}


@bp.post("/cases/<number>/photos/<uuid:id>/original-requests")
@requires(*KEEPERS)
@bp.refuses(access.CaseUnknown, NotAKeeper)
@bp.arguments(OriginalRequestInput)
@idempotent
@bp.response(201, OriginalRequestOutput)
def ask_for_original(body: dict[str, Any], number: str, id: UUID) -> dict[str, Any]:
    """Ask to see the original of a picture, and say why. Another person must agree."""
    return _wishes([cases.ask_for_original(number, id, by=current_account(), **body)], [])[0]


@bp.get("/cases/<number>/original-requests")
@requires(*KEEPERS)
@bp.refuses(access.CaseUnknown, NotAKeeper)
@bp.response(200, OriginalRequestsOutput)
def show_original_requests(number: str) -> dict[str, Any]:
    """Who asked for which original and why, who agreed, and every look."""
    return {"items": _wishes(*cases.original_log(number, by=current_account()))}


@bp.post("/cases/<number>/original-requests/<uuid:request_id>/approval")
@requires(*KEEPERS)
@bp.refuses(access.CaseUnknown, NotAKeeper, SecondPersonNeeded, photos.RequestLapsed)
@idempotent
@bp.response(200, OriginalRequestOutput)
def approve_original(number: str, request_id: UUID) -> dict[str, Any]:
    """Agree that whoever asked sees the original, for a short while. Not one's own wish."""
    return _wishes([cases.approve_original(number, request_id, by=current_account())], [])[0]


def _wishes(wishes: Sequence[OriginalRequest], looks: Sequence[OriginalLook]) -> list[dict[str, Any]]:
    names = accounts.names_of({id for wish in wishes for id in (wish.asked_by_id, wish.approved_by_id) if id})
    columns = ("id", "photo_id", "reason", "asked_at", "approved_at", "ends_at")
    return [{name: getattr(wish, name) for name in columns} | {
        "asked_by": names[wish.asked_by_id], "approved_by": names.get(wish.approved_by_id or wish.id),
        "looks": [{"by": names[look.by_id], "at": look.at, "occasion": look.occasion, "reason": look.reason}
                  for look in looks if look.request_id == wish.id]} for wish in wishes]


@bp.get("/photos/<uuid:id>/original")
@signed_in
@bp.refuses(photos.OriginalSealed, photos.OriginalLost)
@bp.response(200, BYTES, content_type="application/octet-stream")
def show_original(id: UUID) -> Response:
    """The bytes as they came, for whoever asked with a reason and got a second person's consent. Looks are kept."""
    return photos.answer_original(cases.look_at_original(id, by=current_account()))


@bp.get("/cases/<number>/side-by-side.jpg")
@signed_in
@bp.refuses(access.CaseUnknown, NothingToCompare, photos.PhotoNotReady, photos.PhotoUnreadable)
@bp.response(200, BYTES, content_type="image/jpeg")
@bp.tagged
def show_side_by_side(number: str) -> Response:
    """Before and after in one picture, each with its time, for whoever may see the case or reported it."""
    return photos.answer_jpeg(cases.side_by_side(number, by=current_account()))
