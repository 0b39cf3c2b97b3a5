"""Files that were asked for, and their bytes in parts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model

PART_BYTES = 1024 * 1024


class Kind(StrEnum):
    """What a file holds."""

    CASE_LIST = "case_list"             # a list of cases, as its filters say
    OWN_DATA = "own_data"               # all that is kept about whoever asks
    FIGURES = "figures"                 # what a supervisor is told, and the cases behind it

    @property
    def is_in_a_language(self) -> bool:
        """Whether the file speaks the caller's language; one's own data speaks both."""
        return self is not Kind.OWN_DATA


class State(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class Export(Model):
    """A file somebody asked for. `attempt` counts the tries to make it, then is the one whose parts count.

    What it may hold follows from the roles of who asked: whoever has lost one of them does not fetch it any more.
    """

    __tablename__ = "export"
    __table_args__ = (
        Index("ix_export_account", "account_id", "created_at"),
        CheckConstraint("(state = 'ready') = (ready_at IS NOT NULL)", name="ready_whole"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[Kind]
    asked: Mapped[dict[str, Any]]
    language: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    state: Mapped[State]
    attempt: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)                        # of `total`, as far as that is known
    total: Mapped[int | None] = mapped_column(default=None)
    byte_count: Mapped[int] = mapped_column(BigInteger, default=0)
    scope: Mapped[str] = mapped_column(default="", server_default="")   # the roles held while it was made
    problem: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ExportPart(Model):
    """A piece of a file."""

    __tablename__ = "export_part"

    export_id: Mapped[UUID] = mapped_column(ForeignKey("export.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
