"""Neighbourhood centres, what they offer, and what is bought there."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, current_app

from incident_service.accounts import Role, current_account, requires, signed_in
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.paging import Page, PageInput, page_schema
from incident_service.points import redemptions, rewards
from incident_service.points.codes import code_of, qr_svg
from incident_service.points.redemptions import (
    LimitReached,
    NotEnoughPoints,
    OwnRedemption,
    RedemptionEnded,
    RedemptionUnknown,
    SoldOut,
)
from incident_service.points.rewards import CentreUnknown, NotThatMuch, NotYourCentre, RewardUnknown
from incident_service.points.shop_models import Centre, Redemption, RedemptionStatus, Reward
from incident_service.points.shop_schemas import (
    CentreChange,
    CentreInput,
    CentreOutput,
    HandoverOutput,
    RedemptionInput,
    RedemptionOutput,
    RestockInput,
    RewardChange,
    RewardFilter,
    RewardInput,
    RewardOutput,
    Shown,
)

bp = Blueprint("rewards", __name__, url_prefix="/api/v1", description="福分兑换")


@bp.get("/centres")
@signed_in
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(CentreOutput))
def list_centres(page: dict[str, Any]) -> Page:
    """Neighbourhood centres."""
    return rewards.centres(**page)


@bp.post("/centres")
@requires(Role.ADMIN)
@bp.refuses(NotYourCentre)
@bp.arguments(CentreInput)
@idempotent
@bp.response(201, CentreOutput)
def open_centre(body: dict[str, Any]) -> Centre:
    """Add a neighbourhood centre."""
    return rewards.open_centre(by=current_account(), **body)


@bp.patch("/centres/<uuid:id>")
@requires(Role.ADMIN)
@bp.refuses(CentreUnknown)
@bp.arguments(CentreChange)
@bp.response(200, CentreOutput)
def change_centre(body: dict[str, Any], id: UUID) -> Centre:
    """Rename or close a centre."""
    return rewards.change_centre(id, by=current_account(), **body)


@bp.get("/rewards")
@signed_in
@bp.arguments(RewardFilter, location="query")
@bp.response(200, page_schema(RewardOutput))
def list_rewards(wanted: dict[str, Any]) -> Page:
    """What points buy now."""
    return rewards.on_offer(**wanted)


@bp.post("/rewards")
@requires(Role.DESK, Role.ADMIN)
@bp.refuses(CentreUnknown)
@bp.arguments(RewardInput)
@idempotent
@bp.response(201, RewardOutput)
def offer(body: dict[str, Any]) -> Reward:
    """Offer something for points."""
    return rewards.offer(by=current_account(), **body)


@bp.patch("/rewards/<uuid:id>")
@requires(Role.DESK, Role.ADMIN)
@bp.refuses(RewardUnknown)
@bp.arguments(RewardChange)
@bp.response(200, RewardOutput)
def change_offer(body: dict[str, Any], id: UUID) -> Reward:
    """Change what is offered from now on."""
    return rewards.change_offer(id, by=current_account(), **body)


@bp.post("/rewards/<uuid:id>/stock")
@requires(Role.DESK, Role.ADMIN)
@bp.refuses(RewardUnknown, NotThatMuch)
@bp.arguments(RestockInput)
@idempotent
@bp.response(200, RewardOutput)
def restock(body: dict[str, Any], id: UUID) -> Reward:
    """Bring goods in, or take some out."""
    return rewards.restock(id, by=current_account(), **body)


def _with_its_code(view: Callable[..., Any]) -> Callable[..., Any]:
    """Add the code to the answer outside of what an Idempotency-Key keeps: a code is kept nowhere."""
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        response = current_app.make_response(view(*args, **kwargs))
        if response.status_code == 201:
            body = response.get_json()
            response.set_data(current_app.json.dumps(body | {"code": code_of(UUID(body["id"]))}))
        return response

    return answer


@bp.post("/redemptions")
@requires(Role.RESIDENT, Role.GRID_MANAGER)
@bp.refuses(RewardUnknown, SoldOut, NotEnoughPoints, LimitReached)
@bp.arguments(RedemptionInput)
@_with_its_code
@idempotent
@bp.response(201, RedemptionOutput)
def redeem(body: dict[str, Any]) -> Shown:
    """Reserve a reward for points; its code is shown at the counter."""
    return Shown(redemptions.redeem(by=current_account(), **body), None)


@bp.post("/redemptions/<code>/handover")
@requires(Role.DESK)
@bp.refuses(RedemptionUnknown, RedemptionEnded, OwnRedemption)
@idempotent
@bp.response(200, HandoverOutput)
def hand_over(code: str) -> Redemption:
    """Hand over at the counter what was reserved. A code works once."""
    return redemptions.hand_over(code, by=current_account())


@bp.get("/me/redemptions")
@signed_in
@bp.arguments(PageInput, location="query")
@bp.response(200, page_schema(RedemptionOutput))
def my_redemptions(page: dict[str, Any]) -> Page:
    """What I reserved and collected, newest first."""
    found = redemptions.own_redemptions(current_account().id, **page)
    return Page([_shown(each) for each in found.items], found.next_cursor)


@bp.post("/me/redemptions/<uuid:id>/cancellation")
@signed_in
@bp.refuses(RedemptionUnknown, RedemptionEnded)
@idempotent
@bp.response(200, RedemptionOutput)
def cancel(id: UUID) -> Shown:
    """Give a reservation back."""
    return Shown(redemptions.cancel(id, by=current_account()), None)


@bp.get("/me/redemptions/<uuid:id>/code.svg")
@signed_in
@bp.refuses(RedemptionUnknown, RedemptionEnded)
@bp.response(200, {"format": "binary", "type": "string"}, content_type="image/svg+xml")
def my_code(id: UUID) -> Response:
    """The code of a reservation as a QR picture."""
    picture = Response(qr_svg(redemptions.own_code(id, by=current_account())), mimetype="image/svg+xml")
    picture.headers["Cache-Control"] = "no-store"
    return picture


def _shown(each: Redemption) -> Shown:
    return Shown(each, code_of(each.id) if each.status is RedemptionStatus.RESERVED else None)
