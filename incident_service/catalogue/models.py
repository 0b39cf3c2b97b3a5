"""What a city has changed in the working calendar since it was shipped."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model


class CalendarChange(Model):
    """One change: the arrangement of a year, or (without a year) the slots of every working day. Written once; the
    calendar's version is the number of the last one, and any earlier calendar can be laid out again."""

    __tablename__ = "calendar_change"
    __table_args__ = (CheckConstraint("number > 0", name="number_positive"),)

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)            # 1, 2, 3 …
    year: Mapped[int | None]
    content: Mapped[dict[str, Any]]
    source: Mapped[str]
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime]
