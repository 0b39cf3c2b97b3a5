"""Points as their owner sees them."""

from marshmallow import fields, validate

from incident_service.foundation.http import Schema, Text
from incident_service.foundation.paging import PageInput
from incident_service.foundation.words import callers_language
from incident_service.points.balances import Entry
from incident_service.points.models import Decision, Hold, Reason, Reversal, Transfer


def explained(entry: Entry) -> str:
    """Why these points moved, in the reader's language, with the amount."""
    words = entry.transfer.explanation_en if callers_language() == "en" else entry.transfer.explanation_zh
    return f"{words} · {entry.amount:+d}"


def case_number(entry: Transfer) -> str | None:
    """The case an entry speaks of, if it does."""
    return entry.reference.split("/")[0] if entry.reason in (*Reason, *Reversal) else None


class BalanceOutput(Schema):
    """Whole points: `balance` spendable now, `pending` earned and still open to objection or to a decision."""
    balance = fields.Integer(required=True)
    pending = fields.Integer(required=True)


class EntryOutput(Schema):
    """One line of the ledger, explained."""
    id = fields.UUID(required=True, attribute="transfer.id")
    at = fields.AwareDateTime(required=True, attribute="transfer.at")
    amount = fields.Integer(required=True)
    reason = fields.String(required=True, attribute="transfer.reason")
    case_number = fields.Function(lambda entry: case_number(entry.transfer), required=True,
                                  metadata={"type": ["string", "null"]})
    explanation = fields.Function(explained, required=True, metadata={"type": "string"})
    settles_at = fields.AwareDateTime(required=True, allow_none=True, attribute="transfer.settles_at",
                                      metadata={"description": "Until then pending; null: spendable at once."})
    tariff = fields.String(required=True, allow_none=True, attribute="transfer.tariff")


def _spoken(zh: str, en: str) -> str:
    return en if callers_language() == "en" else zh


def _reasons(hold: Hold) -> list[dict[str, str]]:
    return [{"code": each["code"], "text": _spoken(each["zh"], each["en"])} for each in hold.because]


class HoldFilter(PageInput):
    """Which held points are wanted: all, or only those that wait (or do not)."""
    open = fields.Boolean(load_default=None)


class ReleaseInput(Schema):
    """Why held points are given after all, if there is anything to say."""
    note = Text(load_default="", validate=validate.Length(max=2000))


class RefusalInput(Schema):
    """Why held points are not given."""
    note = Text(required=True, validate=validate.Length(1, 2000))


class OwnHoldOutput(Schema):
    """Points of mine that are or were held."""
    id = fields.UUID(required=True)
    amount = fields.Integer(required=True)
    reason = fields.String(required=True)
    case_number = fields.Function(lambda hold: hold.reference.split("/")[0], required=True,
                                  metadata={"type": "string"})
    explanation = fields.Function(lambda hold: _spoken(hold.explanation_zh, hold.explanation_en), required=True,
                                  metadata={"type": "string"})
    held_at = fields.AwareDateTime(required=True)
    decision = fields.Enum(Decision, by_value=True, required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class HoldOutput(OwnHoldOutput):
    """Held points as a supervisor sees them: their owner as a pseudonym of the case, and why they are held."""
    owner = fields.Function(lambda hold: _spoken(hold.shown_as_zh, hold.shown_as_en), required=True,
                            metadata={"type": "string"})
    area_code = fields.String(required=True)
    because = fields.Function(_reasons, required=True, metadata={
        "type": "array", "items": {"type": "object", "required": ["code", "text"], "properties": {
            "code": {"type": "string"}, "text": {"type": "string"}}}})
    note = fields.String(required=True)
