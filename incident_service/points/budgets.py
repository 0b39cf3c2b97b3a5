"""What the city gives a community's fund for a year, and what became of it."""

from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, func, or_, select

from incident_service import accounts
from incident_service.accounts import Account, Role
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, Forbidden
from incident_service.foundation.transaction import alone, for_update, transaction
from incident_service.foundation.words import both
from incident_service.points import ledger
from incident_service.points.days import today
from incident_service.points.fund_models import Fund, FundSlice
from incident_service.points.funds import lock_slices, purse_of_fund, spread
from incident_service.points.ledger import Movement, Purse
from incident_service.points.models import Holder, PointsAccount, Transfer, Turn
from incident_service.points.telling import ring

SLICES = 16                                     # so many may give out of one fund at once
CITY_DIGITS = 4
BUDGET = both("{year} 年度基金", "The fund of {year}")
RUNS_LOW = both("社区 {code} {year} 年度福分基金仅余 {left} / {budget}",
                "The fund of community {code} for {year} has {left} of {budget} left")


class BudgetSpent(Conflict):
    """More than the new budget was given already."""
    slug, title = "points-budget-spent", both("已发放的福分超过该预算", "More than this was given already")


class NotYourFund(Forbidden):
    """The caller's role does not reach the community."""
    slug, title = "points-fund-not-yours", both("您的职责范围不含该社区", "Your role does not reach this community")


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


def watch_funds() -> int:
    """Tell the supervisors of each community whose fund of this year is spent by POINTS_FUND_WARN_PERCENT, once for a
    budget; how many funds. Safe to repeat, and by several."""
    warned = 0
    with transaction():
        for fund, left in db.session.execute(for_update(_running_low())):
            fund.warned_at = clock.now()
            warned += 1
            title = both(RUNS_LOW.zh, RUNS_LOW.en, code=fund.area_code, year=fund.year, left=left, budget=fund.budget)
            for supervisor in accounts.staff_of(fund.area_code, Role.SUPERVISOR):
                ring(supervisor.id, "fund_low", f"{fund.area_code}/{fund.year}/{fund.budget}", title)
    return warned


def _running_low() -> Select[Any]:
    left = (select(func.sum(FundSlice.points)).where(FundSlice.fund_id == Fund.id).scalar_subquery())
    share = 100 - current_app.config["POINTS_FUND_WARN_PERCENT"]
    return select(Fund, left).where(Fund.year == this_year(), Fund.budget > 0, Fund.warned_at.is_(None),
                                    left * 100 <= Fund.budget * share)


def page_of_funds(*, by: Account, year: int | None, limit: int, cursor: str) -> paging.Page:
    """The funds of a year within the caller's areas, those set last first, with what is left in each."""
    within = [Fund.area_code.startswith(code, autoescape=True) for code in by.area_codes(Role.SUPERVISOR, Role.ADMIN)]
    wanted = select(Fund).where(Fund.year == (year or this_year()), or_(*within))
    page = paging.newest_first(wanted, Fund.set_at, Fund.id, limit=limit, cursor=cursor)
    return paging.Page([FundState(each, left_in(each.id)) for each in page.items], page.next_cursor)


def set_budget_of(area_code: str, *, by: Account, year: int | None, budget: int) -> FundState:
    """Say what a community within the caller's area may give. Raises NotYourFund, BudgetSpent."""
    if not by.holds(Role.ADMIN, reaching=area_code):
        raise NotYourFund()
    return set_budget(area_code, year or this_year(), budget)
