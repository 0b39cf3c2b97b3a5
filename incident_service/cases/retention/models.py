"""What was erased, and how far the walk over the cases is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model


class What(StrEnum):
    """What has a life of its own."""

    POSITION = "position"
    ORIGINAL = "original"
    IDENTITY = "identity"
    CONTENT = "content"
    ACCOUNT = "account"                 # no rule: its owner asked


class Tombstone(Model):
    """What stands for something erased: of which case or account, when, and because of what. Names nobody."""

    __tablename__ = "tombstone"
    __table_args__ = (UniqueConstraint("what", "subject_id"),)

    id: Mapped[Id]
    what: Mapped[What]
    subject_id: Mapped[UUID]            # a case's id; of an account, its own
    at: Mapped[datetime]
    because: Mapped[str]                # the rule as it was
    is_owed: Mapped[bool] = mapped_column(default=False, server_default=false())    # a backup has brought it back


class RetentionWalk(Model):
    """Up to which case a rule was looked at; then it begins anew."""

    __tablename__ = "retention_walk"

    what: Mapped[What] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
