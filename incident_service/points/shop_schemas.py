"""Centres, rewards and redemptions as they are sent and shown."""

from typing import Any, NamedTuple
from uuid import UUID

from marshmallow import fields, validate

from incident_service.foundation.http import Moment, Schema, Text
from incident_service.foundation.paging import PageInput
from incident_service.points.shop_models import NAME_CHARACTERS_MAX, RedemptionStatus, RewardKind

PRICE_MAX, STOCK_MAX, QUANTITY_MAX, COLLECT_DAYS_MAX = 100_000, 1_000_000, 100, 180


def _name(**more: Any) -> Text:
    return Text(validate=validate.Length(1, NAME_CHARACTERS_MAX), **more)


def _count(least: int, most: int, **more: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **more)


class CentreInput(Schema):
    """A new neighbourhood centre."""
    name = _name(required=True)
    address = Text(load_default="", validate=validate.Length(max=400))
    area_code = Text(required=True, validate=validate.Regexp(r"[0-9]{4}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?\Z"))


class CentreChange(Schema):
    """What changes about a centre."""
    name = _name()
    address = Text(validate=validate.Length(max=400))
    is_open = fields.Boolean()


class CentreOutput(Schema):
    """A neighbourhood centre."""
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    area_code = fields.String(required=True)
    is_open = fields.Boolean(required=True)


class RewardFilter(PageInput):
    """Whose rewards are wanted."""
    centre_id = fields.UUID(load_default=None)


class RewardChange(Schema):
    """What changes about a reward. Stock is changed by what is brought in."""
    name = _name()
    description = Text(validate=validate.Length(max=2000))
    price = _count(1, PRICE_MAX)
    per_person_month_max = _count(1, QUANTITY_MAX, allow_none=True)
    offered_from = Moment(allow_none=True)
    offered_to = Moment(allow_none=True)
    collect_days = _count(1, COLLECT_DAYS_MAX)
    is_offered = fields.Boolean()


class RewardInput(RewardChange):
    """A new reward."""
    centre_id = fields.UUID(required=True)
    kind = fields.Enum(RewardKind, by_value=True, required=True)
    name = _name(required=True)
    price = _count(1, PRICE_MAX, required=True)
    stock = _count(0, STOCK_MAX, required=True)


class RestockInput(Schema):
    """How many are brought in, or, below 0, taken out."""
    change = _count(-STOCK_MAX, STOCK_MAX, required=True)


class RewardOutput(Schema):
    """What points buy at a centre."""
    id = fields.UUID(required=True)
    centre_id = fields.UUID(required=True)
    kind = fields.Enum(RewardKind, by_value=True, required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    price = fields.Integer(required=True)
    stock = fields.Integer(required=True)
    per_person_month_max = fields.Integer(required=True, allow_none=True)
    offered_from = fields.AwareDateTime(required=True, allow_none=True)
    offered_to = fields.AwareDateTime(required=True, allow_none=True)
    collect_days = fields.Integer(required=True)
    is_offered = fields.Boolean(required=True)


class RedemptionInput(Schema):
    """What somebody reserves."""
    reward_id = fields.UUID(required=True)
    quantity = _count(1, QUANTITY_MAX, load_default=1)


class Shown(NamedTuple):
    """A redemption, with its code where its owner may see it."""

    redemption: Any
    code: str | None

    @property
    def id(self) -> UUID:
        return self.redemption.id


class HandoverOutput(Schema):
    """A redemption as the counter sees it: what to hand over, not to whom."""
    id = fields.UUID(required=True)
    reward_id = fields.UUID(required=True)
    reward_name = fields.String(required=True)
    quantity = fields.Integer(required=True)
    points = fields.Integer(required=True)
    status = fields.Enum(RedemptionStatus, by_value=True, required=True)
    reserved_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)


class RedemptionOutput(Schema):
    """A redemption as its owner sees it; the code as long as it works."""
    id = fields.UUID(required=True)
    reward_id = fields.UUID(required=True, attribute="redemption.reward_id")
    centre_id = fields.UUID(required=True, attribute="redemption.centre_id")
    reward_name = fields.String(required=True, attribute="redemption.reward_name")
    quantity = fields.Integer(required=True, attribute="redemption.quantity")
    points = fields.Integer(required=True, attribute="redemption.points")
    status = fields.Enum(RedemptionStatus, by_value=True, required=True, attribute="redemption.status")
    code = fields.String(required=True, allow_none=True)
    reserved_at = fields.AwareDateTime(required=True, attribute="redemption.reserved_at")
    expires_at = fields.AwareDateTime(required=True, attribute="redemption.expires_at")
    ended_at = fields.AwareDateTime(required=True, allow_none=True, attribute="redemption.ended_at")
