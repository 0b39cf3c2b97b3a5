"""Accounts of points, the entries between them, and points that are held."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model


class Holder(StrEnum):
    """Whose points they are."""

    PERSON = "person"               # a resident or a grid manager
    FUND = "fund"                   # a community's fund of one year, from which thanks are given
    CITY = "city"                   # where the budgets of the funds come from
    CENTRE = "centre"               # a neighbourhood centre: what goods and services were paid with
    EXPIRED = "expired"             # of the community whose fund once gave them


class PointsAccount(Model):
    """A place points can be.

    Only a person's account keeps a running `total` of its entries, changed with them in one transaction under the
    row's lock and compared with them by `reconcile`. The others are shared by too many to be locked: theirs is a sum.
    """

    __tablename__ = "points_account"
    __table_args__ = (
        UniqueConstraint("holder", "holder_key"),
        Index("ix_points_account_expiring", "expired_through", postgresql_where=text("total > 0"),
              sqlite_where=text("total > 0")),
    )

    id: Mapped[Id]
    holder: Mapped[Holder]
    holder_key: Mapped[str]         # a person's account id, a fund's area code and year, a centre's id
    opened_at: Mapped[datetime] = mapped_column(default=clock.now)
    total: Mapped[int | None] = mapped_column(default=None)
    expired_through: Mapped[int] = mapped_column(default=0, server_default="0")     # the last year seen to expire
    announced_through: Mapped[int] = mapped_column(default=0, server_default="0")
    announced_at: Mapped[datetime | None] = mapped_column(default=None)


class Reason(StrEnum):
    """What a person is thanked for."""

    FIRST_REPORT = "first_report"
    JOINED_REPORT = "joined_report"
    GRID_MANAGEMENT = "grid_management"


class Reversal(StrEnum):
    """Why thanks are taken back."""

    REOPENED = "reopened"
    VOIDED = "voided"
    FALSE_REPORT = "false_report"


class Turn(StrEnum):
    """Why points move otherwise."""

    BUDGET = "budget"               # the city gives a fund what it may spend in a year
    BUDGET_CUT = "budget_cut"
    REDEMPTION = "redemption"       # a person reserves a reward
    RETURN = "redemption_return"    # it was cancelled, or not collected
    EXPIRY = "expiry"
    EXPIRY_UNDONE = "expiry_undone"     # what had expired is taken back: it went once, and goes into its fund


class Transfer(Model):
    """An entry: points moving from one account to another. Written once, never changed."""

    __tablename__ = "points_transfer"
    __table_args__ = (
        UniqueConstraint("reason", "reference", "to_id"),           # one thanks for one thing
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("from_id <> to_id", name="between_two_accounts"),
        Index("ix_points_transfer_to", "to_id", "at", "id"),
        Index("ix_points_transfer_from", "from_id", "at", "id"),
        Index("uq_points_transfer_corrects_id", "corrects_id", unique=True),        # an entry is corrected once
        Index("ix_points_transfer_reference", "reference"),
        Index("ix_points_transfer_pending", "to_id", "settles_at", postgresql_where=text("settles_at IS NOT NULL"),
              sqlite_where=text("settles_at IS NOT NULL")),
        Index("ix_points_transfer_pending_back", "from_id", "settles_at",
              postgresql_where=text("settles_at IS NOT NULL AND corrects_id IS NOT NULL"),
              sqlite_where=text("settles_at IS NOT NULL AND corrects_id IS NOT NULL")),
    )

    id: Mapped[Id]
    from_id: Mapped[UUID] = mapped_column(ForeignKey("points_account.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("points_account.id"))
    amount: Mapped[int]                                             # whole points
    reason: Mapped[str]
    reference: Mapped[str]
    explanation_zh: Mapped[str]
    explanation_en: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    settles_at: Mapped[datetime | None] = mapped_column(default=None)   # until then pending; None: at once
    corrects_id: Mapped[UUID | None] = mapped_column(default=None)      # the entry that this one takes back
    place: Mapped[str | None] = mapped_column(default=None)             # the spot it was earned at
    tariff: Mapped[str | None] = mapped_column(default=None)            # the version of the tariff


class Decision(StrEnum):
    """How held points were settled."""

    RELEASED = "released"
    REFUSED = "refused"


class Hold(Model):
    """Points that were earned but are kept back until a supervisor decides, or that a rule refuses. Decided once."""

    __tablename__ = "points_hold"
    __table_args__ = (
        UniqueConstraint("reason", "reference", "person_id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_whole"),
        Index("ix_points_hold_area", "area_code", "held_at", "id"),
        Index("ix_points_hold_person", "person_id", "held_at", "id"),
        Index("ix_points_hold_reference", "reference"),
    )

    id: Mapped[Id]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    shown_as_zh: Mapped[str]                                        # what supervisors may call the person
    shown_as_en: Mapped[str]
    fund: Mapped[str]
    area_code: Mapped[str]                                          # whose supervisors decide
    amount: Mapped[int]
    reason: Mapped[str]
    reference: Mapped[str]
    explanation_zh: Mapped[str]
    explanation_en: Mapped[str]
    because: Mapped[list[Any]]                                      # [{code, zh, en}]
    held_at: Mapped[datetime] = mapped_column(default=clock.now)
    decision: Mapped[Decision | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)     # None: a rule
    note: Mapped[str] = mapped_column(default="")
    place: Mapped[str | None] = mapped_column(default=None)
    tariff: Mapped[str | None] = mapped_column(default=None)
