"""A wish that a second person must agree to: asked with a reason, agreed to once, then open for a short while."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.problems import Conflict, Forbidden
from incident_service.foundation.transaction import current_unit
from incident_service.foundation.words import both


class SecondPersonNeeded(Forbidden):
    """Nobody agrees to their own wish, nor to that of whom they let in by a password they know."""
    slug, title = "second-person-needed", both("须由另一人批准", "Another person must agree")


class WishLapsed(Conflict):
    """Nobody agreed in time; the wish must be made anew."""
    slug, title = "request-lapsed", both("申请已过期，请重新申请", "The request has lapsed, ask again")


class Wish:
    """The columns of a wish: who asked and why, who agreed, and until when it is open."""

    reason: Mapped[str]
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_open(self) -> bool:
        """Whether it is open at this moment."""
        return self.ends_at is not None and self.ends_at > clock.now()


def rules() -> tuple[CheckConstraint, CheckConstraint]:
    """What holds of every wish, whatever the code does."""
    return (CheckConstraint("approved_by_id <> asked_by_id", name="second_person"),
            CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)"
                            " AND (approved_at IS NULL) = (ends_at IS NULL)", name="approved_whole"))


def agree(wish: Wish, *, by_id: UUID, are_apart: bool, within: timedelta, open_for: timedelta,
          lapsed: type[WishLapsed] = WishLapsed) -> bool:
    """Agree to a locked wish, in the open transaction; whether this was the consent that counts: the first one does.

    `are_apart`: whether this account and the asker's are surely in the hands of two people. Raises SecondPersonNeeded
    when not; WishLapsed when it was asked longer ago than `within`.
    """
    current_unit()
    if wish.asked_by_id == by_id or not are_apart:
        raise SecondPersonNeeded()
    if wish.approved_at is not None:
        return False
    now = clock.now()
    if wish.asked_at + within <= now:
        raise lapsed()
    wish.approved_by_id, wish.approved_at, wish.ends_at = by_id, now, now + open_for
    return True
