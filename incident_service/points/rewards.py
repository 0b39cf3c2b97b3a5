"""What neighbourhood centres offer for points."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select

from incident_service.accounts import Account, Role
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.points import ledger
from incident_service.points.ledger import Purse
from incident_service.points.models import Holder
from incident_service.points.shop_models import Centre, Reward


class CentreUnknown(NotFound):
    """There is no such centre, or none within the caller's area."""
    slug, title = "centre-unknown", both("没有此邻里中心", "There is no such centre")


class RewardUnknown(NotFound):
    """Nobody offers this, or not now, or not within the caller's area."""
    slug, title = "reward-unknown", both("没有此兑换品", "There is no such reward")


class NotYourCentre(Forbidden):
    """The caller's role does not reach the area in which the centre is to be."""
    slug, title = "centre-not-yours", both("您的职责范围不含该区域", "Your role does not reach this area")


class NotThatMuch(Conflict):
    """No more can be taken out of stock than is there unreserved."""
    slug, title = "reward-stock-too-low", both("可调出的库存不足", "There is not that much in stock")


def open_centre(*, by: Account, name: str, address: str, area_code: str) -> Centre:
    """Add a neighbourhood centre. Raises NotYourCentre."""
    if not by.holds(Role.ADMIN, reaching=area_code):
        raise NotYourCentre()
    with transaction():
        centre = Centre(id=new_id(), name=name, address=address, area_code=area_code)
        db.session.add(centre)
        ledger.open_account(Purse(Holder.CENTRE, str(centre.id)))
        db.session.flush()
        return centre


def change_centre(id: UUID, *, by: Account, **changes: Any) -> Centre:
    """Rename a centre, or close it: what is reserved there is still handed over. Raises CentreUnknown."""
    with transaction():
        centre = _centre(id, by, Role.ADMIN)
        for name, value in changes.items():
            setattr(centre, name, value)
        return centre


def centres(*, limit: int, cursor: str) -> paging.Page:
    """All centres that are open, newest first."""
    return paging.newest_first(select(Centre).where(Centre.is_open), Centre.created_at, Centre.id, limit=limit,
                               cursor=cursor)


def centre_of(id: UUID, *, by: Account, roles: tuple[Role, ...] = (Role.DESK, Role.SUPERVISOR, Role.ADMIN)) -> Centre:
    """A centre whose business it is of the caller. Raises CentreUnknown."""
    return _centre(id, by, *roles)


def _centre(id: UUID, by: Account, *roles: Role) -> Centre:
    centre = db.session.get(Centre, id)
    if centre is None or not by.holds(*roles, reaching=centre.area_code):
        raise CentreUnknown()
    return centre


def is_offered(at: datetime) -> ColumnElement[bool]:
    """The condition on rewards that can be had now."""
    return and_(Reward.is_offered, or_(Reward.offered_from.is_(None), Reward.offered_from <= at),
                or_(Reward.offered_to.is_(None), Reward.offered_to > at),
                exists().where(Centre.id == Reward.centre_id, Centre.is_open))


def on_offer(*, centre_id: UUID | None, limit: int, cursor: str) -> paging.Page:
    """What points buy now, newest first."""
    statement = select(Reward).where(is_offered(clock.now()))
    if centre_id is not None:
        statement = statement.where(Reward.centre_id == centre_id)
    return paging.newest_first(statement, Reward.created_at, Reward.id, limit=limit, cursor=cursor)


def offer(*, by: Account, centre_id: UUID, stock: int, **said: Any) -> Reward:
    """Let a centre give something for points. Raises CentreUnknown, Invalid."""
    with transaction():
        _centre(centre_id, by, Role.DESK, Role.ADMIN)
        reward = Reward(id=new_id(), centre_id=centre_id, stock=stock, supplied=stock, **said)
        _check_times(reward)
        db.session.add(reward)
        db.session.flush()
        return reward


def change_offer(id: UUID, *, by: Account, **changes: Any) -> Reward:
    """Change what is offered from now on; what was reserved stays as it was. Raises RewardUnknown, Invalid."""
    with transaction():
        reward = _reward(id, by)
        for name, value in changes.items():
            setattr(reward, name, value)
        _check_times(reward)
        return reward


def restock(id: UUID, *, by: Account, change: int) -> Reward:
    """Bring goods in or take some out. Raises RewardUnknown, NotThatMuch."""
    with transaction():
        reward = _reward(id, by)
        if reward.stock + change < 0:
            raise NotThatMuch(left=reward.stock)
        reward.stock += change
        reward.supplied += change
        return reward


def _reward(id: UUID, by: Account) -> Reward:
    reward = db.session.scalar(for_update(select(Reward).where(Reward.id == id)))
    if reward is None or not by.holds(
            Role.DESK, Role.ADMIN, reaching=db.session.get_one(Centre, reward.centre_id).area_code):
        raise RewardUnknown()
    return reward


def _check_times(reward: Reward) -> None:
    if reward.offered_from and reward.offered_to and reward.offered_from >= reward.offered_to:
        raise Invalid(errors=[FieldError("#/offered_to", both("截止时间须晚于开始时间", "It ends before it begins"))])
