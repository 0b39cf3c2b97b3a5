"""What is said of a case after the fact: a late mark is excused, a closing looked at once more, a reporter answers."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model

UNDECIDED = text("decided_at IS NULL")


class Verdict(StrEnum):
    """What a supervisor decided."""

    GRANTED = "granted"                 # an appeal: the lateness is excused
    REFUSED = "refused"
    CONFIRMED = "confirmed"             # a second look: the case was rightly closed
    REOPENED = "reopened"               # it was not


class Appeal(Model):
    """One responder's appeal against the late mark of a case: one for a case, decided once. The clocks stay as they
    are; `Case.late_excused_at` says since when figures count it as in time."""

    __tablename__ = "case_appeal"
    __table_args__ = (
        Index("ix_case_appeal_open", "made_at", postgresql_where=UNDECIDED, sqlite_where=UNDECIDED),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), unique=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str]
    made_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    decision_note: Mapped[str] = mapped_column(default="")


class SecondLook(Model):
    """A closing that was drawn for a supervisor's second look (抽查), and what came of it."""

    __tablename__ = "case_second_look"
    __table_args__ = (
        UniqueConstraint("case_id", "round"),
        Index("ix_case_second_look_open", "drawn_at", postgresql_where=UNDECIDED, sqlite_where=UNDECIDED),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    round: Mapped[int]
    drawn_at: Mapped[datetime]
    verdict: Mapped[Verdict | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    note: Mapped[str] = mapped_column(default="")


class Answer(Model):
    """What a reporter says of a closing: is it solved, are they satisfied (满意率). Once for each, and kept."""

    __tablename__ = "case_answer"
    __table_args__ = (UniqueConstraint("case_id", "round", "by_id"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    round: Mapped[int]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    is_solved: Mapped[bool]
    is_satisfied: Mapped[bool]
    note: Mapped[str]
    answered_at: Mapped[datetime] = mapped_column(index=True)
