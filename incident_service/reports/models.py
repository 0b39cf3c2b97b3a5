"""Reports (上报)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model


class Report(Model):
    """What one resident sent. WGS-84 stands beside the pair and system as received (DOMAIN §6)."""

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_reporter", "reporter_id", "received_at", "id"),
        Index("ix_report_case", "case_id"),
    )

    id: Mapped[Id]
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    category: Mapped[str]
    description: Mapped[str]
    address: Mapped[str]
    longitude: Mapped[float]
    latitude: Mapped[float]
    received_longitude: Mapped[float]
    received_latitude: Mapped[float]
    received_system: Mapped[str]
    taken_at: Mapped[datetime | None]               # as the resident says
    received_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
