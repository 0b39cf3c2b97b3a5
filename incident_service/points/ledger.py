"""Giving points and counting them: a balance is always the sum of the entries."""

from collections import Counter, defaultdict
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import aliased

from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, insert_if_absent, new_id
from incident_service.foundation.transaction import current_unit
from incident_service.points.models import Hold, Holder, PointsAccount, Transfer

LEDGER = UUID("5f0b7ad8-3c0e-4a43-9d7e-3f1c6a5f7f10")       # namespace of points accounts' ids


class Reason(StrEnum):
    """What points are given for."""

    FIRST_REPORT = "first_report"
    GRID_MANAGEMENT = "grid_management"


class Balance(NamedTuple):
    """Whole points: `balance` spendable now, `pending` given but not yet spendable."""

    balance: int
    pending: int


def give(account_id: UUID, *, reason: str, reference: str, amount: int, fund: str,
         explanation: tuple[str, str]) -> bool:
    """Move points from a fund to a person; False when they were moved before for this reason and reference.

    Must be called inside a transaction.
    """
    current_unit()
    return insert_if_absent(
        Transfer.__table__, id=new_id(), from_id=_account(Holder.FUND, fund),       # type: ignore[arg-type]
        to_id=_account(Holder.PERSON, str(account_id)), amount=amount, reason=reason, reference=reference,
        explanation_zh=explanation[0], explanation_en=explanation[1], at=clock.now(),
    )


def account_id_of(holder: Holder, key: str) -> UUID:
    """The id a holder's points account has, or will have: known without asking, so that two cannot be opened."""
    return uuid5(LEDGER, f"{holder}:{key}")


def _account(holder: Holder, key: str) -> UUID:
    """The holder's points account, opened when it is needed first."""
    id = account_id_of(holder, key)
    if db.session.get(PointsAccount, id) is None:
        insert_if_absent(PointsAccount.__table__, id=id, holder=holder, holder_key=key,     # type: ignore[arg-type]
                         opened_at=clock.now())
    return id


def of(account_id: UUID) -> Balance:
    """What a person has: everything received less everything given away; pending is what is held undecided."""
    mine = account_id_of(Holder.PERSON, str(account_id))
    held = select(func.sum(Hold.amount)).where(Hold.person_id == account_id, Hold.decision.is_(None))
    return Balance(balance=db.session.scalar(_sum_of(mine)) or 0, pending=db.session.scalar(held) or 0)


def _sum_of(mine: UUID) -> Select[tuple[int]]:
    signed = case((Transfer.to_id == mine, Transfer.amount), else_=-Transfer.amount)
    return select(func.sum(signed)).where(or_(Transfer.to_id == mine, Transfer.from_id == mine))


class Entry(NamedTuple):
    """One line of a person's statement; `amount` is negative when points left."""

    transfer: Transfer
    amount: int


def entries_of(account_id: UUID, *, limit: int, cursor: str) -> paging.Page:
    """A person's ledger lines, newest first."""
    mine = account_id_of(Holder.PERSON, str(account_id))
    statement = select(Transfer).where(or_(Transfer.to_id == mine, Transfer.from_id == mine))
    page = paging.newest_first(statement, Transfer.at, Transfer.id, limit=limit, cursor=cursor)
    entries = [Entry(each, each.amount if each.to_id == mine else -each.amount) for each in page.items]
    return paging.Page(entries, page.next_cursor)


def given_for(account_id: UUID, references: list[str]) -> dict[str, int]:
    """What a person received under each of these references."""
    mine = account_id_of(Holder.PERSON, str(account_id))
    rows = db.session.execute(
        select(Transfer.reference, func.sum(Transfer.amount))
        .where(Transfer.to_id == mine, Transfer.reference.in_(references)).group_by(Transfer.reference))
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


class Reckoning(NamedTuple):
    """The proof of the ledger: what was counted, and whatever does not add up."""

    transfers: int
    accounts: int
    total: int
    faults: list[str]


def reconcile() -> Reckoning:
    """Rebuild every balance from the entries and name what cannot be: a sum that is not zero, a lost account."""
    received, gave = aliased(Transfer), aliased(Transfer)
    into = select(func.coalesce(func.sum(received.amount), 0)).where(received.to_id == PointsAccount.id)
    out_of = select(func.coalesce(func.sum(gave.amount), 0)).where(gave.from_id == PointsAccount.id)
    balances = {id: into - out for id, into, out in db.session.execute(
        select(PointsAccount.id, into.scalar_subquery(), out_of.scalar_subquery()))}
    faults = [f"transfer {id} names an account that does not exist" for id in db.session.scalars(
        select(Transfer.id).where(or_(Transfer.from_id.not_in(select(PointsAccount.id)),
                                      Transfer.to_id.not_in(select(PointsAccount.id)))))]
    total = sum(balances.values())
    if total:
        faults.append(f"all balances together are {total}, not 0")
    return Reckoning(db.session.scalar(select(func.count(Transfer.id))) or 0, len(balances), total, faults)
