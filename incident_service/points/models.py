"""Accounts of points and the transfers between them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model


class Holder(StrEnum):
    """Whose points they are."""

    PERSON = "person"               # a resident or a grid manager
    FUND = "fund"                   # a community's fund, from which thanks are given


class PointsAccount(Model):
    """A place points can be. It carries no balance: a balance is the sum of its transfers."""

    __tablename__ = "points_account"
    __table_args__ = (UniqueConstraint("holder", "holder_key"),)

    id: Mapped[Id]
    holder: Mapped[Holder]
    holder_key: Mapped[str]         # a person's account id, or a fund's area code
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)


class Transfer(Model):
    """Points moving from one account to another. Written once, never changed."""

    __tablename__ = "points_transfer"
    __table_args__ = (
        UniqueConstraint("reason", "reference", "to_id"),           # one thanks for one thing
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("from_id <> to_id", name="between_two_accounts"),
        Index("ix_points_transfer_to", "to_id", "at", "id"),
        Index("ix_points_transfer_from", "from_id", "at", "id"),
    )

    id: Mapped[Id]
    from_id: Mapped[UUID] = mapped_column(ForeignKey("points_account.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("points_account.id"))
    amount: Mapped[int]                                             # whole points
    reason: Mapped[str]
    reference: Mapped[str]
    explanation_zh: Mapped[str]
    explanation_en: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class Decision(StrEnum):
    """How a supervisor settled held points."""

    RELEASED = "released"
    REFUSED = "refused"


class Hold(Model):
    """Points that were earned but are kept back until a supervisor decides. Decided once."""

    __tablename__ = "points_hold"
    __table_args__ = (
        UniqueConstraint("reason", "reference", "person_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_whole"),
        Index("ix_points_hold_area", "area_code", "held_at", "id"),
        Index("ix_points_hold_person", "person_id", "held_at", "id"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    shown_as_zh: Mapped[str]                                        # what supervisors may call the person
    shown_as_en: Mapped[str]
    fund: Mapped[str]
    area_code: Mapped[str]                                          # whose supervisors decide
    amount: Mapped[int]
    reason: Mapped[str]
    reference: Mapped[str]
    explanation_zh: Mapped[str]
    explanation_en: Mapped[str]
    because: Mapped[list[Any]]                                      # [{code, zh, en}]
    held_at: Mapped[datetime] = mapped_column(default=clock.now)
    decision: Mapped[Decision | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    note: Mapped[str] = mapped_column(default="")
