"""The proof of the ledger: every balance rebuilt from the entries, and compared with what is kept beside them."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from incident_service.foundation.ready import Question
from incident_service.points.fund_models import Fund, FundSlice
from incident_service.points.models import Holder, PointsAccount, Transfer
from incident_service.points.redemptions import STANDING
from incident_service.points.shop_models import Redemption, Reward

ACCOUNTS = Question(select(PointsAccount.id, PointsAccount.holder, PointsAccount.holder_key, PointsAccount.total))
MOVED = [(Question(select(side, func.sum(Transfer.amount)).group_by(side)), sign)
         for side, sign in ((Transfer.to_id, 1), (Transfer.from_id, -1))]
TRANSFERS = Question(select(func.count(Transfer.id)))
LOST = Question(select(Transfer.id).where(or_(
    Transfer.from_id.not_in(select(PointsAccount.id)), Transfer.to_id.not_in(select(PointsAccount.id)))))
FUNDS = Question(select(Fund))
SLICES = Question(select(FundSlice.fund_id, func.sum(FundSlice.points)).group_by(FundSlice.fund_id))
ORIGINAL, BACK = aliased(Transfer), aliased(Transfer)
CROOKED = Question(
    select(Transfer.id).outerjoin(ORIGINAL, ORIGINAL.id == Transfer.corrects_id)
    .where(Transfer.corrects_id.is_not(None),
           or_(ORIGINAL.id.is_(None), ORIGINAL.amount != Transfer.amount, ORIGINAL.to_id != Transfer.from_id,
               ORIGINAL.from_id != Transfer.to_id)))
GONE = (select(func.coalesce(func.sum(Redemption.quantity), 0))
        .where(Redemption.reward_id == Reward.id, Redemption.status.in_(STANDING)).scalar_subquery())
WRONG_STOCK = Question(
    select(Reward.id, Reward.stock, Reward.supplied, GONE).where(Reward.stock != Reward.supplied - GONE))
WRONG_REDEMPTIONS = Question(
    select(Redemption.id, Redemption.status).join(Transfer, Transfer.id == Redemption.paid_id)
    .outerjoin(BACK, BACK.corrects_id == Transfer.id)
    .where(or_(Transfer.amount != Redemption.points, Redemption.status.in_(STANDING) != BACK.id.is_(None))))


class Reckoning(NamedTuple):
    """What was counted, and whatever does not add up."""

    transfers: int
    accounts: int
    total: int
    faults: list[str]


def reconcile() -> Reckoning:
    """Rebuild every balance from the entries and name what cannot be: entries of accounts that are not there, a sum
    that is not zero, a person's total or a fund's slices that differ from the entries, a counter-entry that does not
    mirror what it takes back, stock sold twice or lost, a redemption that was not paid for or not given back."""
    accounts = {row.id: row for row in ACCOUNTS.ask()}
    moved: Counter[UUID] = Counter()
    for question, sign in MOVED:
        for id, points in question.ask():
            moved[id] += sign * int(points)
    balances = {id: moved[id] for id in accounts}
    total = sum(balances.values())
    faults = [*_lost(), *([f"all balances together are {total}, not 0"] if total else []),
              *(f"account {id} of {row.holder} {row.holder_key} shows {row.total}, its entries say {balances[id]}"
                for id, row in accounts.items()
                if row.total != (balances[id] if row.holder == Holder.PERSON else None)),
              *_uneven_funds(balances), *_crooked_corrections(), *_wrong_stock(), *_wrong_redemptions()]
    return Reckoning(TRANSFERS.ask()[0][0], len(accounts), total, faults)


def _lost() -> Iterator[str]:
    for id, in LOST.ask():
        yield f"transfer {id} names an account that does not exist"


def _uneven_funds(balances: dict[UUID, int]) -> Iterator[str]:
    left = dict(SLICES.ask())
    for fund, in FUNDS.ask():
        if left.get(fund.id, 0) != balances.get(fund.id, 0):
            yield (f"fund {fund.area_code}/{fund.year} has {left.get(fund.id, 0)} left, "
                   f"its entries say {balances.get(fund.id, 0)}")


def _crooked_corrections() -> Iterator[str]:
    """Counter-entries that are not what they answer, turned round."""
    for id, in CROOKED.ask():
        yield f"transfer {id} does not mirror the entry it takes back"


def _wrong_stock() -> Iterator[str]:
    """Rewards whose stock is not what was brought in less what is reserved or handed over."""
    for id, stock, supplied, gone in WRONG_STOCK.ask():
        yield f"reward {id} shows {stock} in stock, of {supplied} brought in {gone} are reserved or handed over"


def _wrong_redemptions() -> Iterator[str]:
    """Redemptions that were paid with another amount, that ended and were not given back, or were and stand."""
    for id, status in WRONG_REDEMPTIONS.ask():
        yield f"redemption {id} is {status}, which is not what its entries say"
