"""What a community may give in a year."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model


class Fund(Model):
    """A community's fund of one year. Its budget is points that the city moved to the fund's account."""

    __tablename__ = "points_fund"
    __table_args__ = (
        UniqueConstraint("area_code", "year"),
        CheckConstraint("budget >= 0", name="budget_not_negative"),
    )

    id: Mapped[Id]
    area_code: Mapped[str]
    year: Mapped[int]
    budget: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
    warned_at: Mapped[datetime | None] = mapped_column(default=None)        # supervisors were told that it runs low


class FundSlice(Model):
    """A part of what is left in a fund. Who gives locks one slice, so that many may give out of one fund at once."""

    __tablename__ = "points_fund_slice"
    __table_args__ = (
        UniqueConstraint("fund_id", "number"),
        CheckConstraint("points >= 0", name="not_overdrawn"),
    )

    id: Mapped[Id]
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("points_fund.id"))
    number: Mapped[int]
    points: Mapped[int]
