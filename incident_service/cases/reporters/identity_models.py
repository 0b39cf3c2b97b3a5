"""Who asked to know a reporter's identity and why, who agreed, and every look."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock, consent
from incident_service.foundation.consent import Wish
from incident_service.foundation.database import Id, Model


class IdentityRequest(Wish, Model):
    """Somebody's wish to know who sent a report, and why. A second person agrees, once; then it is open for a while."""

    __tablename__ = "identity_request"
    __table_args__ = (*consent.rules(), Index("ix_identity_request_reporter", "reporter_id", "approved_at"))

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


class IdentityLook(Model):
    """One look at who a reporter is. Only ever added."""

    __tablename__ = "identity_look"

    id: Mapped[Id]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("identity_request.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
