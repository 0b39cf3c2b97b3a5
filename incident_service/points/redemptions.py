"""Buying with points: reserved in one step, handed over once, or given back."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from incident_service.accounts import Account, Role
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import Words, both
from incident_service.points import ledger
from incident_service.points.balances import unsettled
from incident_service.points.codes import code_of, hash_of
from incident_service.points.days import today
from incident_service.points.ledger import Movement, Purse, purse_of
from incident_service.points.models import Holder, Transfer, Turn
from incident_service.points.rewards import RewardUnknown, is_offered
from incident_service.points.shop_models import Centre, Redemption, RedemptionStatus, Reward

STANDING = (RedemptionStatus.RESERVED, RedemptionStatus.HANDED_OVER)


class SoldOut(Conflict):
    """There is not that much left."""
    slug, title = "reward-sold-out", both("库存不足", "There is not that much left")


class NotEnoughPoints(Conflict):
    """The caller has fewer points to spend than this costs."""
    slug, title = "points-not-enough", both("福分余额不足", "You have not enough points")


class LimitReached(Conflict):
    """Nobody gets more of this in a month."""
    slug, title = "reward-limit-reached", both("已达到本月兑换上限", "The month's limit for one person is reached")


class RedemptionUnknown(NotFound):
    """There is no such redemption, or none the caller may touch."""
    slug, title = "redemption-unknown", both("没有此兑换", "There is no such redemption")


class RedemptionEnded(Conflict):
    """It was handed over, cancelled, or has expired: its code works no more."""
    slug, title = "redemption-ended", both("该兑换已结束，兑换码失效", "It has ended; its code works no more")


class OwnRedemption(Conflict):
    """Nobody hands over to themselves."""
    slug, title = "redemption-own", both("不能为自己办理领取", "Nobody hands over to themselves")


def redeem(reward_id: UUID, *, quantity: int, by: Account) -> Redemption:
    """Reserve a reward: points and stock in one step, or neither.

    Raises RewardUnknown, SoldOut, NotEnoughPoints, LimitReached. Not safe to repeat by itself: the route honours an
    Idempotency-Key.
    """
    with transaction():
        now = clock.now()
        reward = db.session.scalar(for_update(select(Reward).where(Reward.id == reward_id, is_offered(now))))
        if reward is None:
            raise RewardUnknown()
        if reward.stock < quantity:
            raise SoldOut(left=reward.stock)
        owner, cost = purse_of(by.id), reward.price * quantity
        spendable = ledger.lock([owner])[owner.id] - unsettled(owner.id)
        if spendable < cost:
            raise NotEnoughPoints(balance=spendable, cost=cost)
        _check_limit(reward, by, quantity)
        reward.stock -= quantity
        id, centre = new_id(), Purse(Holder.CENTRE, str(reward.centre_id))
        words = both("兑换 {name} × {quantity}", "{quantity} × {name}", name=reward.name, quantity=quantity)
        paid_id, = ledger.write([Movement(owner, centre, cost, Turn.REDEMPTION, str(id), ledger.said(words))])
        made = Redemption(
            id=id, person_id=by.id, reward_id=reward.id, centre_id=reward.centre_id, quantity=quantity,
            reward_name=reward.name, points=cost, paid_id=paid_id, status=RedemptionStatus.RESERVED,
            code_hash=hash_of(code_of(id)), reserved_at=now, expires_at=now + timedelta(days=reward.collect_days))
        db.session.add(made)
        db.session.flush()
        return made


def _check_limit(reward: Reward, by: Account, quantity: int) -> None:
    if reward.per_person_month_max is None:
        return
    had = db.session.scalar(select(func.coalesce(func.sum(Redemption.quantity), 0)).where(
        Redemption.reward_id == reward.id, Redemption.person_id == by.id, Redemption.status.in_(STANDING),
        Redemption.reserved_at >= today().replace(day=1))) or 0
    if had + quantity > reward.per_person_month_max:
        raise LimitReached(limit=reward.per_person_month_max, had=had)


def hand_over(code: str, *, by: Account) -> Redemption:
    """Note at the counter of the centre that its owner has collected what they reserved: once.

    Raises RedemptionUnknown for a code that is not one of a centre the caller's desk reaches, OwnRedemption,
    RedemptionEnded.
    """
    with transaction():
        found = db.session.scalar(for_update(select(Redemption).where(Redemption.code_hash == hash_of(code))))
        if found is None or not by.holds(Role.DESK, reaching=db.session.get_one(Centre, found.centre_id).area_code):
            raise RedemptionUnknown()
        if found.person_id == by.id:
            raise OwnRedemption()
        if found.status is not RedemptionStatus.RESERVED or found.expires_at <= clock.now():
            raise RedemptionEnded(redemption_status=found.status)
        found.status, found.ended_at, found.handed_over_by_id = RedemptionStatus.HANDED_OVER, clock.now(), by.id
        return found


def cancel(id: UUID, *, by: Account) -> Redemption:
    """Give an own reservation back: points and stock. Safe to repeat. Raises RedemptionUnknown, RedemptionEnded."""
    with transaction():
        found = db.session.scalar(for_update(select(Redemption).where(
            Redemption.id == id, Redemption.person_id == by.id)))
        if found is None:
            raise RedemptionUnknown()
        if found.status is RedemptionStatus.CANCELLED:
            return found
        if found.status is not RedemptionStatus.RESERVED:
            raise RedemptionEnded(redemption_status=found.status)
        _give_back(found, RedemptionStatus.CANCELLED, both("已取消", "cancelled"))
        return found


def end_stale_redemptions(*, batch: int = 200) -> int:
    """Give back what was not collected in time; how many reservations that were. Safe to repeat, and by several."""
    stale = select(Redemption.id).where(
        Redemption.status == RedemptionStatus.RESERVED, Redemption.expires_at <= clock.now()).limit(batch)
    ids = db.session.scalars(stale).all()
    for id in ids:
        with transaction():
            found = db.session.scalar(for_update(select(Redemption).where(Redemption.id == id)))
            if found is not None and found.status is RedemptionStatus.RESERVED:
                _give_back(found, RedemptionStatus.EXPIRED, both("逾期未领", "not collected in time"))
    return len(ids)


def _give_back(found: Redemption, status: RedemptionStatus, because: Words) -> None:
    reward = db.session.execute(for_update(select(Reward).where(Reward.id == found.reward_id))).scalar_one()
    ledger.lock([purse_of(found.person_id)])
    reward.stock += found.quantity
    found.status, found.ended_at = status, clock.now()
    ledger.take_back([db.session.get_one(Transfer, found.paid_id)], reason=Turn.RETURN, because=because)


def own_redemptions(account_id: UUID, *, limit: int, cursor: str) -> paging.Page:
    """What a person has reserved and collected, newest first."""
    return paging.newest_first(select(Redemption).where(Redemption.person_id == account_id), Redemption.reserved_at,
                               Redemption.id, limit=limit, cursor=cursor)


def own_code(id: UUID, *, by: Account) -> str:
    """The code of an own reservation. Raises RedemptionUnknown, RedemptionEnded."""
    found = db.session.scalar(select(Redemption).where(Redemption.id == id, Redemption.person_id == by.id))
    if found is None:
        raise RedemptionUnknown()
    if found.status is not RedemptionStatus.RESERVED:
        raise RedemptionEnded(redemption_status=found.status)
    return code_of(id)
