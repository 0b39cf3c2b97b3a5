"""Giving thanks: at once, or kept back until a supervisor has decided."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, select

from incident_service.foundation import clock
from incident_service.foundation.database import db, insert_if_absent, new_id
from incident_service.foundation.transaction import current_unit
from incident_service.foundation.words import Words, both
from incident_service.points.ledger import Reason, give
from incident_service.points.models import Hold
from incident_service.points.tariff import worth

SOMEBODY = both("某人", "somebody")


class HeldBecause(NamedTuple):
    """Why points are kept back."""

    code: str
    words: Words


def award(account_id: UUID, *, reason: Reason, reference: str, category: str, fund: str, because: Words,
          held_because: Sequence[HeldBecause] = (), area_code: str = "", shown_as: Words = SOMEBODY) -> bool:
    """Give a person what the tariff says, out of the fund of an area; whether anything was given now.

    With reasons to hold them, the points wait for a supervisor of `area_code` instead, who reads of their owner as
    `shown_as`. Safe to repeat: one person is thanked once for one reason and reference, whoever asks and how often.
    Must be called inside a transaction. `because` explains the entry to its owner.
    """
    current_unit()
    amount = worth(reason, category)
    if amount == 0 or _is_held(account_id, reason, reference):
        return False
    if held_because:
        _hold(account_id, reason=reason, reference=reference, amount=amount, fund=fund, because=because,
              held_because=held_because, area_code=area_code, shown_as=shown_as)
        return False
    return give(account_id, reason=reason, reference=reference, amount=amount, fund=fund,
                explanation=(because.in_language("zh"), because.in_language("en")))


def _is_held(account_id: UUID, reason: str, reference: str) -> bool:
    """Whether these points are or were held: then a supervisor's decision alone gives them."""
    return bool(db.session.scalar(select(exists().where(
        Hold.person_id == account_id, Hold.reason == reason, Hold.reference == reference))))


def _hold(account_id: UUID, *, reason: Reason, reference: str, amount: int, fund: str, because: Words,
          held_because: Sequence[HeldBecause], area_code: str, shown_as: Words) -> None:
    """Keep points back. Safe to repeat: one hold for one person, reason and reference."""
    reasons = [{"code": each.code, "zh": each.words.in_language("zh"), "en": each.words.in_language("en")}
               for each in held_because]
    insert_if_absent(
        Hold.__table__, id=new_id(), person_id=account_id, reason=reason, reference=reference,  # type: ignore[arg-type]
        amount=amount, fund=fund, area_code=area_code, because=reasons, held_at=clock.now(), note="",
        shown_as_zh=shown_as.in_language("zh"), shown_as_en=shown_as.in_language("en"),
        explanation_zh=because.in_language("zh"), explanation_en=because.in_language("en"))
