"""A community's fund: giving out of it, by many at once, without ever giving more than it has."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, select, update

from incident_service.foundation.database import ONE, db
from incident_service.foundation.ready import Answer, Change, Question
from incident_service.foundation.transaction import current_unit, for_update
from incident_service.points.days import today
from incident_service.points.fund_models import Fund, FundSlice
from incident_service.points.ledger import Purse, open_account
from incident_service.points.models import Holder, PointsAccount

SLICES = cast(Table, FundSlice.__table__)
# the first slice that holds enough and is in nobody's hands; on PostgreSQL it is then in ours
FREE = (select(SLICES.c.number).where(SLICES.c.fund_id == bindparam("fund"), SLICES.c.points >= bindparam("amount"))
        .order_by(SLICES.c.number).limit(ONE).with_for_update(skip_locked=True))
TAKE = Change(update(SLICES).where(SLICES.c.fund_id == bindparam("fund"), SLICES.c.number == FREE.scalar_subquery())
              .values(points=SLICES.c.points - bindparam("amount")))
# two questions, since the second must see what is set while the first one waits
ACCOUNT = Question(select(PointsAccount.id).where(PointsAccount.id == bindparam("fund"))
                   .with_for_update(read=True, key_share=True))
IS_SET = Question(select(exists().where(Fund.area_code == bindparam("code")).label("is_set")))


def purse_of_fund(code: str, year: int) -> Purse:
    """The purse of a community's fund of one year. Its account has the id of the fund."""
    return Purse(Holder.FUND, f"{code}/{year}")


class Asked(NamedTuple):
    """What is asked of a community's fund of one year: whether it has an account, and the community ever had a fund.

    Until the transaction ends the account is held, together with all others who give out of it, against whoever sets
    its first budget: every entry does that.
    """

    code: str
    purse: Purse
    account: Answer[UUID]
    told: Answer[bool]


def ask_ahead(code: str) -> Asked:
    """Ask this year's fund together with whatever is asked next: before persons' accounts are locked, as everybody
    does. Must be called inside a transaction."""
    current_unit()
    return _ask(code, purse_of_fund(code, today().year))


def reserve(asked: Asked, amount: int) -> Purse | None:
    """Take points out of this year's fund and say out of which purse they come; None when it has not that many left.

    A community for which the city never set a fund gives without limit; one that ever had a fund gives nothing in a
    year for which none is set. A transaction reserves once, all that it gives: then nobody who waits for a slice
    holds another one.
    """
    purse = purse_of_fund(asked.code, today().year)
    if purse != asked.purse:                            # it was New Year while persons' accounts were waited for
        asked = _ask(asked.code, purse)
    if not asked.account.rows:
        open_account(purse)
        asked = _ask(asked.code, purse)
    if not asked.told.rows[0].is_set or _take_a_slice(purse.id, amount):
        return purse
    return purse if _take_from_all(purse.id, amount) else None


def put_back(points: Mapping[UUID, int]) -> None:
    """Give funds back what was taken out of them; those without a budget are passed over."""
    for fund_id in sorted(points):
        number = db.session.scalar(FREE, {"fund": fund_id, "amount": 0}) or 0
        db.session.execute(
            update(SLICES).where(SLICES.c.fund_id == fund_id, SLICES.c.number == number)
            .values(points=SLICES.c.points + points[fund_id]))


def _take_a_slice(fund_id: UUID, amount: int) -> bool:
    """Take from a slice that holds enough and that nobody else is at."""
    return TAKE.make(fund=fund_id, amount=amount) > 0


def _ask(code: str, purse: Purse) -> Asked:
    return Asked(code, purse, ACCOUNT.ask_along(fund=purse.id), IS_SET.ask_along(code=code))


def _take_from_all(fund_id: UUID, amount: int) -> bool:
    """Lock every slice, in their order, and share out anew what is left after taking."""
    slices = lock_slices(fund_id)
    left = sum(each.points for each in slices) - amount
    if left < 0:
        return False
    spread(slices, left)
    return True


def lock_slices(fund_id: UUID) -> Sequence[FundSlice]:
    """All slices of a fund, held until the transaction ends."""
    return db.session.scalars(for_update(
        select(FundSlice).where(FundSlice.fund_id == fund_id).order_by(FundSlice.number))).all()


def spread(slices: Sequence[FundSlice], points: int) -> None:
    """Share points out among slices, evenly; the first ones get what cannot be divided."""
    for place, each in enumerate(slices):
        each.points = points // len(slices) + (place < points % len(slices))
    db.session.flush()
