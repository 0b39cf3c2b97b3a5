"""Points as their owner sees them."""

from marshmallow import fields

from incident_service.foundation.http import Schema
from incident_service.foundation.words import callers_language
from incident_service.points.ledger import Entry


def explained(entry: Entry) -> str:
    """Why these points moved, in the reader's language, with the amount."""
    words = entry.transfer.explanation_en if callers_language() == "en" else entry.transfer.explanation_zh
    return f"{words} · {entry.amount:+d}"


class BalanceOutput(Schema):
    """Whole points: `balance` spendable now, `pending` given but not yet spendable."""
    balance = fields.Integer(required=True)
    pending = fields.Integer(required=True)


class EntryOutput(Schema):
    """One line of the ledger, explained."""
    id = fields.UUID(required=True, attribute="transfer.id")
    at = fields.AwareDateTime(required=True, attribute="transfer.at")
    amount = fields.Integer(required=True)
    reason = fields.String(required=True, attribute="transfer.reason")
    case_number = fields.Function(lambda entry: entry.transfer.reference.split("/")[0], required=True,
                                  metadata={"type": "string"})
    explanation = fields.Function(explained, required=True, metadata={"type": "string"})
