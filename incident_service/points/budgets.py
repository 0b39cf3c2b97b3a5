"""What the city gives a community's fund for a year, and what became of it."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, NotFound
from incident_service.foundation.transaction import alone, for_update, transaction
from incident_service.foundation.words import both
from incident_service.points import ledger
from incident_service.points.days import today
from incident_service.points.fund_models import Fund, FundSlice
from incident_service.points.funds import lock_slices, purse_of_fund, spread
from incident_service.points.ledger import Movement, Purse
from incident_service.points.models import Holder, PointsAccount, Transfer, Turn

SLICES = 16                                     # so many may give out of one fund at once
CITY_DIGITS = 4
BUDGET = both("{year} 年度基金", "The fund of {year}")


class BudgetSpent(Conflict):
    """More than the new budget was given already."""
    slug, title = "points-budget-spent", both("已发放的福分超过该预算", "More than this was given already")


class FundUnknown(NotFound):
    """There is no such fund, or none within the caller's area."""
    slug = "points-fund-unknown"


class FundState(NamedTuple):
    """A fund, and what is left in it."""

    fund: Fund
    left: int


def this_year() -> int:
    """The year of the funds that give now."""
    return today().year


def set_budget(code: str, year: int, budget: int) -> FundState:
    """Say what a community may give in a year: by the difference, as an entry. Safe to repeat.

    What was given before there was a fund counts as given out of it. Raises BudgetSpent for less than was given.
    """
    with transaction():
        purse = purse_of_fund(code, year)
        alone(f"points fund {purse.key}")
        left = _left_before(purse, code, year)
        fund = db.session.get_one(Fund, purse.id, populate_existing=True)
        if left + budget < fund.budget:
            raise BudgetSpent(given=fund.budget - left)
        _move(purse, budget - fund.budget, year)
        spread(lock_slices(purse.id), left + budget - fund.budget)
        if budget != fund.budget:
            fund.budget, fund.set_at, fund.warned_at = budget, clock.now(), None
        return FundState(fund, left_in(purse.id))


def _left_before(purse: Purse, code: str, year: int) -> int:
    """What is left in a fund, its slices locked. One that is new begins with what was given without it: less than 0."""
    if db.session.get(Fund, purse.id) is not None:
        return sum(each.points for each in lock_slices(purse.id))
    ledger.open_account(purse)
    db.session.execute(for_update(select(PointsAccount.id).where(PointsAccount.id == purse.id)))
    db.session.add(Fund(id=purse.id, area_code=code, year=year, budget=0))
    db.session.flush()
    db.session.add_all(FundSlice(fund_id=purse.id, number=number, points=0) for number in range(SLICES))
    db.session.flush()
    return balance(purse.id)


def balance(id: UUID) -> int:
    """The sum of an account's entries."""
    into, out = (db.session.scalar(select(func.coalesce(func.sum(Transfer.amount), 0)).where(side == id))
                 for side in (Transfer.to_id, Transfer.from_id))
    return (into or 0) - (out or 0)


def _move(fund: Purse, change: int, year: int) -> None:
    city = Purse(Holder.CITY, fund.key[:CITY_DIGITS])
    if change:
        ledger.open_account(city)
        source, target, reason = (city, fund, Turn.BUDGET) if change > 0 else (fund, city, Turn.BUDGET_CUT)
        ledger.write([Movement(source, target, abs(change), reason, f"{fund.key}/{new_id()}",
                               ledger.said(both(BUDGET.zh, BUDGET.en, year=year)))])


def left_in(fund_id: UUID) -> int:
    """What is left in a fund."""
    return db.session.scalar(select(func.sum(FundSlice.points)).where(FundSlice.fund_id == fund_id)) or 0
