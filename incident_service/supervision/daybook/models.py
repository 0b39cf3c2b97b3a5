"""Pages of the daybook, the sums over them, and how far it goes."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Model


class FigureLabel(Model):
    """A label that pages name by its id. Only ever added; those of one kind that say nothing have no word."""

    __tablename__ = "figure_label"
    __table_args__ = (UniqueConstraint("kind", "label"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str | None]


class FigureDay(Model):
    """The cases reported on one day of the installation's zone, column by column; `places` and `ids` are read only when
    needed."""

    __tablename__ = "figure_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    cases: Mapped[int]
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    moments: Mapped[bytes] = mapped_column(LargeBinary)
    places: Mapped[bytes] = mapped_column(LargeBinary)
    ids: Mapped[bytes] = mapped_column(LargeBinary)


class Length(StrEnum):
    """How long a time one sum is over."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class FigureSum(Model):
    """The tally, by one dimension, of a day, a month or a year that begins with `first`."""

    __tablename__ = "figure_sum"

    dimension: Mapped[str] = mapped_column(String(16), primary_key=True)
    length: Mapped[str] = mapped_column(String(8), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    keys: Mapped[list[Any]]
    numbers: Mapped[bytes] = mapped_column(LargeBinary)
    places: Mapped[bytes] = mapped_column(LargeBinary)
    fills: Mapped[bytes] = mapped_column(LargeBinary)


class FigureProgress(Model):
    """Which days the daybook covers, in which zone, and up to which moment (an id that was new then) it is right.

    While a round of folding is under way, every day before `next_day` is right up to `next_as_of` already.
    """

    __tablename__ = "figure_progress"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    zone: Mapped[str] = mapped_column(String(64))
    since: Mapped[date]
    until: Mapped[date]
    as_of: Mapped[UUID]
    next_as_of: Mapped[UUID | None] = mapped_column(default=None)
    next_day: Mapped[date | None] = mapped_column(default=None)
