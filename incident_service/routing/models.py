"""Tables of the rules, of who is on duty when, and of who is away."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.accounts import Role
from incident_service.foundation.database import Id, Model

CODE_CHARACTERS_MAX = 15
SHIFT_CHARACTERS_MAX = 40
NOTE_CHARACTERS_MAX = 200


class Step(StrEnum):
    """How far a part has come on its way to somebody."""

    HOLDER = "holder"                   # A 角: whose post it is
    DEPUTY = "deputy"                   # B 角
    COMMUNITY = "community"
    STREET = "street"


class ShiftDone(StrEnum):
    """What was done to a roster."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"


ROSTERS = "roster-import"               # whoever changes rosters is alone for this
AT_THE_POST = (Step.HOLDER, Step.DEPUTY)


class RuleSet(Model):
    """One version of the rules, in their order. Written once, never changed: dispatches name it."""

    __tablename__ = "rule_set"
    __table_args__ = (CheckConstraint("version > 0", name="version_positive"),)

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(unique=True)           # 1, 2, 3 …
    rules: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(NOTE_CHARACTERS_MAX))
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))      # None: as shipped, or by a command
    made_at: Mapped[datetime]


class RuleSwitch(Model):
    """A version put in force. Written once; the one with the highest number counts."""

    __tablename__ = "rule_switch"
    __table_args__ = (CheckConstraint("number > 0", name="number_positive"),)

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)            # 1, 2, 3 …
    version: Mapped[int] = mapped_column(ForeignKey("rule_set.version"))
    switched_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    switched_at: Mapped[datetime]


class RosterEntry(Model):
    """A shift (班次) of one person at one post: on which weekdays, from when to when by local time, from which day on.

    `weekdays` has bit 0 for Monday; `ends_minute` at or before `begins_minute` lies on the next day.
    """

    __tablename__ = "roster_entry"
    __table_args__ = (
        UniqueConstraint("area_code", "role", "kind", "account_id", "step", "weekdays", "begins_minute", "ends_minute",
                         "from_on", name="uq_roster_entry_once"),
        CheckConstraint("step IN ('holder', 'deputy')", name="step_is_at_the_post"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays_named"),
        CheckConstraint("begins_minute BETWEEN 0 AND 1439 AND ends_minute BETWEEN 0 AND 1439", name="minutes_of_a_day"),
        CheckConstraint("to_on IS NULL OR to_on >= from_on", name="days_in_order"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role]
    kind: Mapped[str] = mapped_column(String(32))
    area_code: Mapped[str] = mapped_column(String(CODE_CHARACTERS_MAX))
    step: Mapped[Step]
    shift: Mapped[str] = mapped_column(String(SHIFT_CHARACTERS_MAX))        # what the city calls it, such as 夜班
    weekdays: Mapped[int]
    begins_minute: Mapped[int]
    ends_minute: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")     # rises with every change: the ETag


class RosterChange(Model):
    """One change of a roster, by somebody or (without) by a file. Written once."""

    __tablename__ = "roster_change"
    __table_args__ = (Index("ix_roster_change_area_code_at", "area_code", "at", "id"),)

    id: Mapped[Id]
    entry_id: Mapped[UUID]                                      # the entry may be gone
    area_code: Mapped[str] = mapped_column(String(CODE_CHARACTERS_MAX))
    role: Mapped[Role]
    kind: Mapped[str] = mapped_column(String(32))
    done: Mapped[ShiftDone]
    before: Mapped[dict[str, Any] | None]
    content: Mapped[dict[str, Any]]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class GapTold(Model):
    """A gap in a roster that desks and administrators were told of, as long as it is one."""

    __tablename__ = "roster_gap_told"
    __table_args__ = (UniqueConstraint("area_code", "role", "kind", "begins_at", name="uq_roster_gap_told_once"),)

    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(String(CODE_CHARACTERS_MAX))
    role: Mapped[Role]
    kind: Mapped[str] = mapped_column(String(32))
    begins_at: Mapped[datetime]


class Leave(Model):
    """Somebody is away (请假), from every post they have."""

    __tablename__ = "roster_leave"
    __table_args__ = (
        CheckConstraint("ends_at >= begins_at", name="times_in_order"),
        Index("ix_roster_leave_account_id_ends_at", "account_id", "ends_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(NOTE_CHARACTERS_MAX))
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)    # before its time
    was_to_end_at: Mapped[datetime | None] = mapped_column(default=None)
