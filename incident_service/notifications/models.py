"""What was pushed to whom, and how often an inbox changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model


class Notification(Model):
    """One message for one person about one occasion."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "reference"),
        Index("ix_notification_inbox", "account_id", "at", "id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    reference: Mapped[str]                          # what the occasion was, e.g. a dispatch; makes a repeat harmless
    case_number: Mapped[str]
    link: Mapped[str] = mapped_column(default="", server_default="")     # the path of what there is to fetch
    title_zh: Mapped[str]
    title_en: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    delivered_at: Mapped[datetime | None] = mapped_column(default=None)


class Inbox(Model):
    """How often a person's notifications have changed, which is the ETag of their list, and the time of the newest."""

    __tablename__ = "notification_inbox"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None] = mapped_column(default=None)       # None when it is from before this was kept
