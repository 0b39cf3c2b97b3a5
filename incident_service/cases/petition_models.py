"""Who asked for more time or for a pause, and what was decided."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model

OPEN = text("decided_at IS NULL")


class Wish(StrEnum):
    """What is asked for."""

    EXTENSION = "extension"             # 延期
    SUSPENSION = "suspension"           # 挂账


class PetitionReason(StrEnum):
    """Why."""

    MATERIAL = "material"               # parts or material are missing
    WEATHER = "weather"
    OTHER_UNIT = "other_unit"           # somebody else must act first
    BUDGET = "budget"
    SEASON = "season"
    LEGAL = "legal"                     # a procedure must run its course
    COMPLEX = "complex"
    OTHER = "other"                     # then a note says why


class Petition(Model):
    """One wish for a case, decided by somebody else. `ordinal` counts the extensions that were granted; `seconds_left`
    is what was left of the limit when a pause began."""

    __tablename__ = "petition"
    __table_args__ = (
        UniqueConstraint("case_id", "ordinal"),
        Index("uq_petition_open", "case_id", unique=True, postgresql_where=OPEN, sqlite_where=OPEN),
        CheckConstraint("ordinal BETWEEN 1 AND 2", name="extended_twice_at_most"),
        CheckConstraint("decided_by_id <> asked_by_id", name="second_person"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)"
                        " AND (decided_at IS NULL) = (is_granted IS NULL)", name="decided_whole"),
        CheckConstraint("(wish = 'suspension') = (until IS NOT NULL)", name="pause_ends"),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    wish: Mapped[Wish]
    reason: Mapped[PetitionReason]
    note: Mapped[str]
    until: Mapped[datetime | None] = mapped_column(default=None)
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    is_granted: Mapped[bool | None] = mapped_column(default=None)
    ordinal: Mapped[int | None] = mapped_column(default=None)
    seconds_left: Mapped[float | None] = mapped_column(default=None)
