"""Who asked for the weekly report, and the reports that were made."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model


class WeeklySubscription(Model):
    """Somebody who wants a report of each week; `next_week` is the first that was not promised yet."""

    __tablename__ = "weekly_subscription"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    next_week: Mapped[date] = mapped_column(index=True)


class WeeklyReport(Model):
    """One person's report of one week, about the areas they looked over when it was made. Never changed."""

    __tablename__ = "weekly_report"
    __table_args__ = (UniqueConstraint("account_id", "week"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    week: Mapped[date]
    areas: Mapped[list[Any]]
    made_at: Mapped[datetime] = mapped_column(index=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
