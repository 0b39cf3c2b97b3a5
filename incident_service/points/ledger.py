"""The ledger itself: purses, and the entries that move points from one into another."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID, uuid5

from sqlalchemy import Table, bindparam, select, update

from incident_service.foundation import clock
from incident_service.foundation.database import new_id
from incident_service.foundation.inserting import insert_absent_along, insert_row
from incident_service.foundation.ready import Change, Question
from incident_service.foundation.transaction import current_unit
from incident_service.foundation.words import Words, both
from incident_service.points.models import Holder, PointsAccount, Transfer

LEDGER = UUID("5f0b7ad8-3c0e-4a43-9d7e-3f1c6a5f7f10")       # namespace of points accounts' ids
TAKEN_BACK = both("{words} · 冲正：{because}", "{words} · taken back: {because}")
ACCOUNTS, ENTRIES = cast(Table, PointsAccount.__table__), cast(Table, Transfer.__table__)
LOCK = Question(select(ACCOUNTS.c.id, ACCOUNTS.c.total).where(ACCOUNTS.c.id.in_(bindparam("ids", expanding=True)))
                .order_by(ACCOUNTS.c.id).with_for_update())
CARRY = Change(update(ACCOUNTS).where(ACCOUNTS.c.id == bindparam("account"), ACCOUNTS.c.total.is_not(None))
               .values(total=ACCOUNTS.c.total + bindparam("change")))
Known = TypeVar("Known")


class Purse(NamedTuple):
    """Whose points: a holder and its key. The id of its account is known without asking, so none is opened twice."""

    holder: Holder
    key: str

    @property
    def id(self) -> UUID:
        return _id_of(self.holder, self.key)


@lru_cache(maxsize=10_000)
def _id_of(holder: Holder, key: str) -> UUID:
    return uuid5(LEDGER, f"{holder}:{key}")


def purse_of(person_id: UUID) -> Purse:
    """A person's."""
    return Purse(Holder.PERSON, str(person_id))


class Movement(NamedTuple):
    """Points that are to move, with all that an entry says of it. `settles_at` None: they are spendable at once."""

    source: Purse
    target: Purse
    amount: int
    reason: str
    reference: str
    words: tuple[str, str]                                  # in Chinese and in English
    settles_at: datetime | None = None
    place: str | None = None
    tariff: str | None = None


def said(words: Words) -> tuple[str, str]:
    """Words as an entry keeps them."""
    return words.in_language("zh"), words.in_language("en")


def lock(purses: Iterable[Purse]) -> dict[UUID, int]:
    """Hold persons' accounts until the transaction ends, opening those that are not there; their totals.

    All that one transaction needs is locked in one call, in one order, so that no two wait for each other; the fund it
    gives out of is asked before (`funds.ask_ahead`), and its slices are taken after.
    """
    return lock_and_ask(purses, lambda: None)[0]


def lock_and_ask(purses: Iterable[Purse], ask: Callable[[], Known]) -> tuple[dict[UUID, int], Known]:
    """The same, and what `ask` tells once they are held."""
    current_unit()
    wanted = {purse.id: purse for purse in purses}
    open_accounts([wanted[id] for id in sorted(wanted)])   # to look first whether they are there would be another way
    locked = LOCK.ask_along(ids=list(wanted))
    told = ask()
    found: dict[UUID, Any] = dict(locked.rows)
    if len(found) < len(wanted):
        raise RuntimeError(f"Of these accounts one is there under another id: {sorted(wanted.keys() - found)}")
    return found, told


def open_account(purse: Purse) -> None:
    """Make sure that the account is there before whatever comes next. Must be called inside a transaction."""
    open_accounts([purse])


def open_accounts(purses: Sequence[Purse]) -> None:
    """The same for several, in this order."""
    now = clock.now()
    insert_absent_along(ACCOUNTS, [{
        "id": purse.id, "holder": purse.holder, "holder_key": purse.key, "opened_at": now,
        "total": 0 if purse.holder is Holder.PERSON else None, "expired_through": 0, "announced_through": 0}
        for purse in purses])


def write(movements: Sequence[Movement]) -> list[UUID]:
    """Write entries, and carry them into the totals of the persons concerned, whose accounts must be locked; their ids.

    An entry that is there already fails the transaction by an IntegrityError.
    """
    current_unit()
    now, ids = clock.now(), [new_id() for _ in movements]
    for id, each in zip(ids, movements, strict=True):
        insert_row(
            ENTRIES, id=id, from_id=each.source.id, to_id=each.target.id, amount=each.amount, reason=each.reason,
            reference=each.reference, explanation_zh=each.words[0], explanation_en=each.words[1], at=now,
            settles_at=each.settles_at, corrects_id=None, place=each.place, tariff=each.tariff)
    change: Counter[UUID] = Counter()
    for each in movements:
        change.update({purse.id: sign * each.amount for purse, sign in ((each.target, 1), (each.source, -1))
                       if purse.holder is Holder.PERSON})
    _carry(change)
    return ids


def take_back(entries: Sequence[Transfer], *, reason: str, because: Words) -> None:
    """Write the counter-entry of each of these, whose persons' accounts must be locked. What was pending and is taken
    back stays pending with it, so the two cancel each other out on either side."""
    now = clock.now()
    zh, en = said(because)
    for each in entries:
        insert_row(
            ENTRIES, id=new_id(), from_id=each.to_id, to_id=each.from_id, amount=each.amount, reason=reason,
            reference=f"{each.reference}#{each.id}", at=now, corrects_id=each.id, place=None, tariff=None,
            explanation_zh=TAKEN_BACK.zh.format(words=each.explanation_zh, because=zh),
            explanation_en=TAKEN_BACK.en.format(words=each.explanation_en, because=en),
            settles_at=each.settles_at if each.settles_at and each.settles_at > now else None)
    change: Counter[UUID] = Counter()
    for each in entries:
        change.update({each.from_id: each.amount})
        change.subtract({each.to_id: each.amount})
    _carry(change)


def _carry(change: Counter[UUID]) -> None:
    """Only persons' accounts keep a total; the others are passed over."""
    for id in sorted(change):
        CARRY.make_along(account=id, change=change[id])
