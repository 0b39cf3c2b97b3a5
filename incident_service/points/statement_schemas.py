"""Funds, statements and the leaderboard as they are sent and shown."""

from marshmallow import fields, validate

from incident_service.foundation.http import Moment, Schema, Text
from incident_service.foundation.paging import PageInput
from incident_service.points.leaderboard import SHOWN_NAME_CHARACTERS_MAX
from incident_service.points.shop_schemas import CentreOutput

BUDGET_MAX = 100_000_000


def _year(**more: object) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(2000, 2100), **more)     # type: ignore[arg-type]


class FundFilter(PageInput):
    """Which funds are wanted."""
    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2100))


class FundInput(Schema):
    """What a community may give in a year, this one when none is named."""
    area_code = Text(required=True, validate=validate.Regexp(r"[0-9]{12}\Z"))
    year = _year(load_default=None)
    budget = fields.Integer(required=True, strict=True, validate=validate.Range(0, BUDGET_MAX))


class FundOutput(Schema):
    """A community's fund of one year."""
    area_code = fields.String(required=True, attribute="fund.area_code")
    year = fields.Integer(required=True, attribute="fund.year")
    budget = fields.Integer(required=True, attribute="fund.budget")
    left = fields.Integer(required=True)
    set_at = fields.AwareDateTime(required=True, attribute="fund.set_at")
    warned_at = fields.AwareDateTime(required=True, allow_none=True, attribute="fund.warned_at")


class YearInput(Schema):
    """Which year is wanted; this one when none is named."""
    year = fields.Integer(load_default=None, validate=validate.Range(2000, 2100))


class SpanInput(Schema):
    """From when and until when (exclusive)."""
    start = Moment(required=True, data_key="from")
    end = Moment(required=True, data_key="to")


class HandedOverOutput(Schema):
    """How much of a reward was handed over."""
    reward_id = fields.UUID(required=True)
    reward_name = fields.String(required=True)
    redemptions = fields.Integer(required=True)
    quantity = fields.Integer(required=True)
    points = fields.Integer(required=True)


class CentreStatementOutput(Schema):
    """What a centre handed over, and what waits there to be collected."""
    centre = fields.Nested(CentreOutput, required=True)
    start = fields.AwareDateTime(required=True, data_key="from", attribute="from")
    end = fields.AwareDateTime(required=True, data_key="to", attribute="to")
    items = fields.List(fields.Nested(HandedOverOutput), required=True)
    quantity = fields.Integer(required=True)
    points = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    waiting_points = fields.Integer(required=True)


class CommunityStatementOutput(Schema):
    """A community's year: earned = settled + pending + taken back; `fund_left` null where no fund is set."""
    area_code = fields.String(required=True)
    year = fields.Integer(required=True)
    earned = fields.Integer(required=True)
    taken_back = fields.Integer(required=True)
    pending = fields.Integer(required=True)
    settled = fields.Integer(required=True)
    held = fields.Integer(required=True)
    spent = fields.Integer(required=True)
    expired = fields.Integer(required=True)
    budget = fields.Integer(required=True, allow_none=True)
    fund_left = fields.Integer(required=True, allow_none=True)


class MonthInput(Schema):
    """Which month is wanted, as `2026-11`; this one when none is named."""
    month = Text(load_default=None, validate=validate.Regexp(r"^20[0-9]{2}-(0[1-9]|1[0-2])$"))


class PlaceOutput(Schema):
    """One line of the leaderboard."""
    rank = fields.Integer(required=True)
    name = fields.String(required=True)
    points = fields.Integer(required=True)


class LeaderboardOutput(Schema):
    """Those who agreed to be shown."""
    items = fields.List(fields.Nested(PlaceOutput), required=True)


class ShownNameInput(Schema):
    """Under which name somebody agrees to be shown."""
    name = Text(required=True, validate=[validate.Length(1, SHOWN_NAME_CHARACTERS_MAX),
                                         validate.Regexp(r"\S(.*\S)?\Z", error="No blanks around a name.")])


class ShownNameOutput(Schema):
    """The name somebody is shown under; null without consent."""
    name = fields.String(required=True, allow_none=True)
