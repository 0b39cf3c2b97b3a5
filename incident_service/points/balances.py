"""What a person has, and the entries it came from."""

from collections import Counter, defaultdict
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, Uuid, bindparam, exists, func, select, union_all
from sqlalchemy.orm import aliased

from incident_service.foundation import clock, paging
from incident_service.foundation.database import db
from incident_service.foundation.paging import Scan
from incident_service.points.ledger import purse_of
from incident_service.points.models import Decision, Hold, Holder, PointsAccount, Reason, Transfer

ACCOUNTS, ENTRIES = cast(Table, PointsAccount.__table__), cast(Table, Transfer.__table__)
HOLDS = cast(Table, Hold.__table__)
# built once: phones ask for a balance often
PENDING = (select(func.sum(ENTRIES.c.amount))
           .where(ENTRIES.c.to_id == bindparam("mine"), ENTRIES.c.settles_at > bindparam("now")).scalar_subquery())
PENDING_BACK = (select(func.sum(ENTRIES.c.amount))
                .where(ENTRIES.c.from_id == bindparam("mine"), ENTRIES.c.settles_at > bindparam("now"),
                       ENTRIES.c.corrects_id.is_not(None)).scalar_subquery())
TOTAL = select(ACCOUNTS.c.total).where(ACCOUNTS.c.id == bindparam("mine")).scalar_subquery()
HELD = (select(func.sum(HOLDS.c.amount))
        .where(HOLDS.c.person_id == bindparam("person", type_=Uuid()), HOLDS.c.decision.is_(None)).scalar_subquery())
BALANCE = select(TOTAL, PENDING, PENDING_BACK, HELD)


class Balance(NamedTuple):
    """Whole points: `balance` spendable now, `pending` given but not yet spendable, held ones among them."""

    balance: int
    pending: int


def of(account_id: UUID) -> Balance:
    """What a person has: the running total of their entries less what is still open to objection."""
    whole, given, back, held = (each or 0 for each in db.session.execute(
        BALANCE, {"mine": purse_of(account_id).id, "person": account_id, "now": clock.now()}).one())
    return Balance(balance=whole - given + back, pending=given - back + held)


def unsettled(mine: UUID) -> int:
    """What of an account's entries is still open to objection, what was taken back of it left out."""
    given, back = db.session.execute(select(PENDING, PENDING_BACK), {"mine": mine, "now": clock.now()}).one()
    return (given or 0) - (back or 0)


class Entry(NamedTuple):
    """One line of a person's statement; `amount` is negative when points left."""

    transfer: Transfer
    amount: int


def entries_of(account_id: UUID, *, limit: int, cursor: str) -> paging.Page:
    """A person's ledger lines, newest first: what came in and what went out, each read no further than a page goes."""
    mine = purse_of(account_id).id
    at, id = Transfer.at, Transfer.id
    page = paging.merged(
        select(Transfer, at, id), (at, id),
        [Scan(select(id).where(side == mine), (at, id)) for side in (Transfer.to_id, Transfer.from_id)],
        limit=limit, cursor=cursor)
    return paging.Page([Entry(each, signed(each, mine)) for each in page.items], page.next_cursor)


def lines_of(mine: UUID) -> Any:
    """An account's entries: those that came in, and those that went out."""
    both_ways = union_all(*(select(Transfer).where(side == mine) for side in (Transfer.to_id, Transfer.from_id)))
    return aliased(Transfer, both_ways.subquery())


def signed(entry: Transfer, mine: UUID) -> int:
    """An entry's amount as the owner of the account sees it."""
    return entry.amount if entry.to_id == mine else -entry.amount


def is_not_taken_back() -> ColumnElement[bool]:
    """The condition on entries that no counter-entry takes back."""
    correction = aliased(Transfer)
    return ~exists().where(correction.corrects_id == Transfer.id)


def given_for(account_id: UUID, references: list[str]) -> dict[str, int]:
    """What a person was given under each of these references and still has."""
    rows = db.session.execute(
        select(Transfer.reference, func.sum(Transfer.amount))
        .where(Transfer.to_id == purse_of(account_id).id, Transfer.reference.in_(references), is_not_taken_back())
        .group_by(Transfer.reference))
    return dict(rows.all())


def thanks_given(references: list[str]) -> defaultdict[str, Counter[tuple[str, UUID]]]:
    """Under each of these references, how often each person was thanked for each reason: {(reason, person): times}."""
    given: defaultdict[str, Counter[tuple[str, UUID]]] = defaultdict(Counter)
    for reference, reason, person in db.session.execute(
            select(Transfer.reference, Transfer.reason, PointsAccount.holder_key)
            .join(PointsAccount, PointsAccount.id == Transfer.to_id)
            .where(Transfer.reference.in_(references), Transfer.reason.in_(Reason),
                   PointsAccount.holder == Holder.PERSON)):
        given[reference][reason, UUID(person)] += 1
    return given


def withheld(references: list[str]) -> defaultdict[str, set[tuple[str, UUID]]]:
    """Under each of these references, (reason, person) of what is held or was refused: it is due and not given."""
    found: defaultdict[str, set[tuple[str, UUID]]] = defaultdict(set)
    for reference, reason, person in db.session.execute(
            select(Hold.reference, Hold.reason, Hold.person_id)
            .where(Hold.reference.in_(references), Hold.decision.is_distinct_from(Decision.RELEASED))):
        found[reference].add((reason, person))
    return found
