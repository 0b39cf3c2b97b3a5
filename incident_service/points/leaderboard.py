"""The leaderboard: only those who agreed to be shown, under the name they chose."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.accounts import Account
from incident_service.foundation import clock
from incident_service.foundation.database import Model, db
from incident_service.foundation.problems import Conflict
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.points.balances import is_not_taken_back
from incident_service.points.days import today
from incident_service.points.ledger import purse_of
from incident_service.points.models import Reason, Transfer

SHOWN_NAME_CHARACTERS_MAX = 20
PLACES = 50


class ShownName(Model):
    """Somebody's consent to be shown, and under which name. Taken back, the row is gone."""

    __tablename__ = "points_shown_name"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    purse_id: Mapped[UUID] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(SHOWN_NAME_CHARACTERS_MAX), unique=True)
    agreed_at: Mapped[datetime] = mapped_column(default=clock.now)


class NameTaken(Conflict):
    """Somebody else is shown under this name."""
    slug, title = "leaderboard-name-taken", both("该名称已被使用", "Somebody else is shown under this name")


class Place(NamedTuple):
    """One line: several who have the same are on the same rank."""

    rank: int
    name: str
    points: int


def agree(*, by: Account, name: str) -> ShownName:
    """Agree to be shown under a name, or change it. Safe to repeat. Raises NameTaken."""
    try:
        with transaction():
            shown = db.session.scalar(for_update(select(ShownName).where(ShownName.account_id == by.id)))
            if shown is None:
                shown = ShownName(account_id=by.id, purse_id=purse_of(by.id).id, name=name)
                db.session.add(shown)
            shown.name = name
            db.session.flush()
            return shown
    except IntegrityError as error:
        raise NameTaken() from error


def take_consent_back(*, by: Account) -> None:
    """Not be shown any more. Safe to repeat."""
    with transaction():
        shown = db.session.scalar(for_update(select(ShownName).where(ShownName.account_id == by.id)))
        if shown is not None:
            db.session.delete(shown)


def own_name(account_id: UUID) -> str | None:
    """Under which name somebody agreed to be shown."""
    return db.session.scalar(select(ShownName.name).where(ShownName.account_id == account_id))


def leaders(month: str | None = None) -> list[Place]:
    """Who of those who agreed earned most in a month such as `2026-11`, this one when none is named."""
    start = today().replace(day=1)
    if month is not None:
        start = start.replace(year=int(month[:4]), month=int(month[5:7]))
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    points = func.sum(Transfer.amount)
    rows = db.session.execute(
        select(ShownName.name, points).join(Transfer, Transfer.to_id == ShownName.purse_id)
        .where(Transfer.reason.in_(list(Reason)), is_not_taken_back(), Transfer.at >= start, Transfer.at < end)
        .group_by(ShownName.name).order_by(points.desc(), ShownName.name).limit(PLACES)).all()
    sums = [earned for _, earned in rows]
    return [Place(1 + sums.index(earned), name, earned) for name, earned in rows]
