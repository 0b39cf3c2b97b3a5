"""The door of rehearsals: rules are tried before they are put in force."""

from typing import Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from incident_service import accounts, areas, routing
from incident_service.accounts import Role, current_account, requires
from incident_service.cases.rehearsal import Elsewhere, rehearse
from incident_service.foundation.http import Blueprint, Moment, Schema, Text
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.words import both
from incident_service.routing import RULES_MAX, RuleSchema, RulesNotYours, UnknownVersion

bp = Blueprint("rehearsals", __name__, url_prefix="/api/v1/routing", description="派遣规则试运行")
ONE_OF_TWO = both("请提供 rules 或 version，二者取一", "Send either rules or a version")


class RehearsalInput(Schema):
    """A draft of rules, or an earlier version, and the period on whose cases it is tried, so many at a time."""
    rules = fields.List(fields.Nested(RuleSchema), validate=validate.Length(1, RULES_MAX))
    version = fields.Integer(strict=True, validate=validate.Range(1, 1_000_000))
    opened_from = Moment(required=True)
    opened_to = Moment(required=True)
    limit = fields.Integer(load_default=200, strict=True, validate=validate.Range(1, 500))
    cursor = Text(load_default="", validate=validate.Length(max=400))

    @validates_schema
    def _one_of_two(self, data: dict[str, Any], **_: Any) -> None:
        if ("rules" in data) == ("version" in data):
            raise ValidationError([ONE_OF_TWO], "rules")


class TargetOutput(Schema):
    """Where a rule sends a part; without an area the place lies in none of the layer."""
    part = fields.String(required=True)
    role = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    area = fields.String(required=True, allow_none=True, attribute="area_code")
    rule = fields.String(required=True)


class FoundOutput(Schema):
    """Who would have been found for a part, and on which step: holder, deputy, community or street."""
    part = fields.String(required=True)
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    step = fields.String(required=True)


class ElsewhereOutput(Schema):
    """A case that would go elsewhere. A part of `would_go` that has no responder would have found nobody."""
    number = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    category = fields.String(required=True)
    condition = fields.String(required=True)
    goes = fields.List(fields.Nested(TargetOutput), required=True)
    would_go = fields.List(fields.Nested(TargetOutput), required=True)
    responders = fields.List(fields.Nested(FoundOutput), required=True)


class RehearsalOutput(Schema):
    """The next stretch of the period: how many cases were looked at, and those of them that would go elsewhere.

    `rosters_as_of` is the moment each case was opened; areas, accounts, roles, and the case's own category, condition
    and place are as they are now.
    """
    looked_at = fields.Integer(required=True)
    items = fields.List(fields.Nested(ElsewhereOutput), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    rules_version = fields.Integer(required=True)
    areas_edition = fields.Integer(required=True)
    rosters_as_of = fields.String(required=True, validate=validate.OneOf(["opened_at"]))
    people_as_of = fields.String(required=True, validate=validate.OneOf(["now"]))


@bp.post("/rehearsals")
@requires(Role.ADMIN)
@bp.refuses(RulesNotYours, UnknownVersion)
@bp.arguments(RehearsalInput)
@idempotent
@bp.response(200, RehearsalOutput)
def rehearse_rules(body: dict[str, Any]) -> dict[str, Any]:
    """Try rules on past cases and list every case that would go elsewhere. Nothing is changed and nobody is told."""
    routing.check_keeper(current_account())
    draft = routing.version(body.pop("version")) if "version" in body else routing.draft(
        RehearsalInput().dump(body)["rules"])
    body.pop("rules", None)
    found = rehearse(draft, **body)
    return {"looked_at": found.looked_at, "items": [_shown(each) for each in found.items],
            "next_cursor": found.next_cursor, "rules_version": routing.in_force().version,
            "areas_edition": areas.edition(), "rosters_as_of": "opened_at", "people_as_of": "now"}


def _shown(found: Elsewhere) -> dict[str, Any]:
    names = accounts.names_of({part.responder_id for part in found.decision.parts})
    return {"number": found.case.number, "opened_at": found.case.opened_at, "category": found.case.category,
            "condition": found.case.condition, "goes": found.now, "would_go": found.then,
            "responders": [{"part": part.part, "id": part.responder_id, "name": names.get(part.responder_id, ""),
                            "step": part.explanation["step"]} for part in found.decision.parts]}
