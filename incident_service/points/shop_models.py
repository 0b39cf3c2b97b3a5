"""Neighbourhood centres, what they offer for points, and who reserved what."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model

NAME_CHARACTERS_MAX = 64


class Centre(Model):
    """A neighbourhood centre (邻里中心): desks that reach its area hand over at its counter."""

    __tablename__ = "points_centre"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS_MAX))
    address: Mapped[str]
    area_code: Mapped[str]
    is_open: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class RewardKind(StrEnum):
    """What sort of thing points buy. Never cash."""

    GOODS = "goods"
    SERVICE = "service"
    VOUCHER = "voucher"


class Reward(Model):
    """Something a centre gives for points. `stock` is what nobody has reserved; `supplied` what was ever brought in."""

    __tablename__ = "points_reward"
    __table_args__ = (
        CheckConstraint("price > 0", name="price_positive"),
        CheckConstraint("stock >= 0", name="not_oversold"),
        Index("ix_points_reward_created_at", "created_at", "id"),
    )

    id: Mapped[Id]
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("points_centre.id"), index=True)
    kind: Mapped[RewardKind]
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS_MAX))
    description: Mapped[str] = mapped_column(default="")
    price: Mapped[int]                                              # points for one
    stock: Mapped[int] = mapped_column(default=0)
    supplied: Mapped[int] = mapped_column(default=0)
    per_person_month_max: Mapped[int | None] = mapped_column(default=None)
    offered_from: Mapped[datetime | None] = mapped_column(default=None)
    offered_to: Mapped[datetime | None] = mapped_column(default=None)
    collect_days: Mapped[int] = mapped_column(default=14)           # a reservation that is not collected ends
    is_offered: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class RedemptionStatus(StrEnum):
    """How far a redemption has come."""

    RESERVED = "reserved"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Redemption(Model):
    """Points and stock that one person reserved in one step. Its one-time code is derived from its id and kept as a
    hash only."""

    __tablename__ = "points_redemption"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("(status = 'reserved') = (ended_at IS NULL)", name="ended_whole"),
        Index("ix_points_redemption_person", "person_id", "reserved_at", "id"),
        Index("ix_points_redemption_reward", "reward_id", "person_id"),
        Index("ix_points_redemption_centre", "centre_id", "ended_at"),
        Index("ix_points_redemption_open", "status", "expires_at"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reward_id: Mapped[UUID] = mapped_column(ForeignKey("points_reward.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("points_centre.id"))
    reward_name: Mapped[str] = mapped_column(String(NAME_CHARACTERS_MAX))       # as it was called then
    quantity: Mapped[int]
    points: Mapped[int]
    paid_id: Mapped[UUID] = mapped_column(ForeignKey("points_transfer.id"), unique=True)
    status: Mapped[RedemptionStatus] = mapped_column(default=RedemptionStatus.RESERVED)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    handed_over_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
