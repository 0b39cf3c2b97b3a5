"""Who may not report for a while, why, and what came of their appeal."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.accounts import Account
from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model

WAITING = text("appealed_at IS NOT NULL AND decided_at IS NULL")
REMEMBERED = text("phone_seal IS NOT NULL")


class Misconduct(StrEnum):
    """Why somebody is not served for a while (DOMAIN §5)."""

    FALSE_REPORTS = "false_reports"             # 虚假上报
    FORGED_PICTURES = "forged_pictures"         # 伪造照片
    ABUSE = "abuse"                             # 辱骂威胁
    SPAM = "spam"                               # 恶意刷单
    OTHER = "other"


class Ruling(StrEnum):
    """What somebody else decided about the appeal."""

    UPHELD = "upheld"
    LIFTED = "lifted"


class ReporterSuspension(Model):
    """One suspension of one reporter, from one case, within the area of whoever suspended them; without `until` it is
    open-ended. There is one appeal, decided once, never by who suspended; and it may be taken back at any time.

    `phone_seal` stands for the number of somebody who had their account removed meanwhile, until the suspension ends.
    """

    __tablename__ = "reporter_suspension"
    __table_args__ = (
        UniqueConstraint("case_id", "reporter_id"),
        Index("ix_reporter_suspension_reporter_id", "reporter_id", "begins_at"),
        Index("ix_reporter_suspension_waiting", "appealed_at", postgresql_where=WAITING, sqlite_where=WAITING),
        Index("ix_reporter_suspension_phone_seal", "phone_seal", postgresql_where=REMEMBERED, sqlite_where=REMEMBERED),
        CheckConstraint("decided_by_id <> suspended_by_id", name="second_person"),
        CheckConstraint("reporter_id <> suspended_by_id", name="not_oneself"),
        CheckConstraint("until > begins_at", name="ends_later"),
        CheckConstraint("decided_at IS NULL OR appealed_at IS NOT NULL", name="appealed_first"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)"
                        " AND (decided_at IS NULL) = (ruling IS NULL)", name="decided_whole"),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    area_code: Mapped[str] = mapped_column(String(15))          # within which they may not report
    reason: Mapped[Misconduct]
    note: Mapped[str]                                           # told to the reporter
    suspended_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    begins_at: Mapped[datetime]
    until: Mapped[datetime | None] = mapped_column(default=None)
    appealed_at: Mapped[datetime | None] = mapped_column(default=None)
    appeal_note: Mapped[str] = mapped_column(default="")
    ruling: Mapped[Ruling | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    decision_note: Mapped[str] = mapped_column(default="")
    lifted_at: Mapped[datetime | None] = mapped_column(default=None)            # taken back, without an appeal
    lifted_by_id: Mapped[UUID | None] = mapped_column(default=None)
    lift_note: Mapped[str] = mapped_column(default="", server_default="")
    phone_seal: Mapped[str | None] = mapped_column(String(43), default=None)

    @property
    def is_in_force(self) -> bool:
        """Whether it counts at this moment."""
        return (self.ruling is not Ruling.LIFTED and self.lifted_at is None
                and (self.until is None or self.until > clock.now()))

    def may_be_decided_by(self, account: Account) -> bool:
        """Whether somebody has no hand in it: neither suspended nor is suspended."""
        return account.id not in (self.suspended_by_id, self.reporter_id)
