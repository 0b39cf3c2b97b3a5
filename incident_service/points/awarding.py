"""Giving thanks: at once, or kept back until a supervisor has decided."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import Table

from incident_service.foundation import clock
from incident_service.foundation.database import new_id
from incident_service.foundation.inserting import insert_absent_along
from incident_service.foundation.transaction import current_unit
from incident_service.foundation.words import Words, both
from incident_service.points import funds, ledger
from incident_service.points.ledger import Movement, Purse, purse_of, said
from incident_service.points.limits import Earned
from incident_service.points.models import Decision, Hold, Reason
from incident_service.points.past import past_of
from incident_service.points.tariff import ANY, Circumstance, Worth, tariff, worth

SOMEBODY = both("某人", "somebody")

HOLDS = cast(Table, Hold.__table__)


class HeldBecause(NamedTuple):
    """Why points are kept back."""

    code: str
    words: Words


FUND_EXHAUSTED = HeldBecause("fund_exhausted", both("社区年度福分基金余额不足", "The fund has not enough left"))


class Award(NamedTuple):
    """A thanks that is due. `because` explains the entry to its owner, `shown_as` is how supervisors read of them;
    `had` are the points of it that were dealt with under another reference."""

    account_id: UUID
    reason: Reason
    because: Words
    held_because: Sequence[HeldBecause] = ()
    shown_as: Words = SOMEBODY
    circumstances: Collection[Circumstance] = ()
    had: int = 0


class Occasion(NamedTuple):
    """What is thanked for, where, and out of whose fund; supervisors of `area_code` decide about what is held."""

    reference: str
    category: str
    fund: str
    area_code: str = ""
    condition: str = ANY
    place: str | None = None
    at: datetime | None = None          # by the tariff of which moment; None for now


class Due(NamedTuple):
    """An award with what is left of it after all rules, and why it is held, or refused by a rule."""

    award: Award
    points: int
    words: tuple[str, str]
    tariff: str
    held_because: Sequence[HeldBecause] = ()
    is_refused: bool = False

    @property
    def purse(self) -> Purse:
        return purse_of(self.award.account_id)


def award(account_id: UUID, *, reason: Reason, reference: str, category: str, fund: str, because: Words,
          held_because: Sequence[HeldBecause] = (), area_code: str = "", shown_as: Words = SOMEBODY) -> bool:
    """Give one person what the tariff says; whether anything was given now. See `award_all`."""
    return bool(award_all([Award(account_id, reason, because, held_because, shown_as)],
                          Occasion(reference, category, fund, area_code)))


def award_all(awards: Iterable[Award], occasion: Occasion) -> int:
    """Give persons what the tariff says, out of a community's fund; how many were given something now.

    What there are reasons to hold, and what the fund has not got, waits for a supervisor instead; what caps and decay
    leave nothing of is written down as refused by its rule. Safe to repeat: one person is thanked once for one reason
    and reference, whoever asks and how often. Must be called inside a transaction, once for all that it gives.
    """
    current_unit()
    worthy = [(each, value) for each in awards if (value := _worth(each, occasion)).points > 0]
    if not worthy:
        return 0
    fund = funds.ask_ahead(occasion.fund)
    past = past_of([each.account_id for each, _ in worthy], occasion.reference, occasion.place)
    due = [_due(each, value, past.earned) for each, value in worthy
           if (each.reason, each.account_id) not in past.dealt_with]
    given = [each for each in due if not each.held_because]
    source = funds.reserve(fund, sum(each.points for each in given)) if given else None
    if source is None:
        due = [each if each.held_because else each._replace(held_because=[FUND_EXHAUSTED]) for each in due]
        given = []
    _hold([each for each in due if each.held_because], occasion)
    if source is not None:
        ledger.write([Movement(source, each.purse, each.points, each.award.reason, occasion.reference, each.words,
                               settles_at(), occasion.place, each.tariff) for each in given])
    return len(given)


def _worth(each: Award, occasion: Occasion) -> Worth:
    whole = worth(each.reason, occasion.category, occasion.condition, each.circumstances, at=occasion.at)
    return whole._replace(points=whole.points - each.had)


def settles_at() -> datetime | None:
    """When what is given now becomes spendable, unless it is taken back before; None for at once."""
    days = current_app.config["POINTS_OBJECTION_DAYS"]
    return clock.now() + timedelta(days=days) if days else None


def _due(each: Award, value: Worth, earned: Earned) -> Due:
    """What caps and decay leave of an award, in the city where they count."""
    if not current_app.config["POINTS_ARE_LIMITED"]:
        return Due(each, value.points, _explained(each, value.words), value.version, each.held_because)
    left = earned.limit(each.account_id, each.reason, value.points, tariff())
    words = _explained(each, [*value.words, *(words for _, words in left.because)])
    if left.points:
        return Due(each, left.points, words, value.version, each.held_because)
    rules = [HeldBecause(code, words) for code, words in left.because]
    return Due(each, value.points, words, value.version, rules, is_refused=True)


def _explained(each: Award, lowered_by: Sequence[Words]) -> tuple[str, str]:
    """What the entry says: what for, and every rule that lowered it."""
    zh, en = zip(*(said(words) for words in (each.because, *lowered_by)), strict=True)
    return " · ".join(zh), " · ".join(en)


def _hold(some: Sequence[Due], occasion: Occasion) -> None:
    """Keep points back, or write down that a rule refuses them. Safe to repeat: held once."""
    if some:
        insert_absent_along(HOLDS, [_held(each, occasion) for each in some])


def _held(due: Due, occasion: Occasion) -> dict[str, Any]:
    now, (shown_zh, shown_en) = clock.now(), said(due.award.shown_as)
    reasons = [{"code": each.code, "zh": each.words.in_language("zh"), "en": each.words.in_language("en")}
               for each in due.held_because]
    return {
        "id": new_id(), "person_id": due.award.account_id, "reason": due.award.reason,
        "reference": occasion.reference, "amount": due.points, "fund": occasion.fund, "area_code": occasion.area_code,
        "because": reasons, "held_at": now, "shown_as_zh": shown_zh, "shown_as_en": shown_en,
        "explanation_zh": due.words[0], "explanation_en": due.words[1], "place": occasion.place, "tariff": due.tariff,
        "decision": Decision.REFUSED if due.is_refused else None, "decided_at": now if due.is_refused else None,
        "decided_by_id": None, "note": ""}
