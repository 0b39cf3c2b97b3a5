"""Cases, their dispatches, their pictures and their history, with the constraints that hold whatever the code does."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, event, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.cases.ground import BLOCK, TILE, square
from incident_service.cases.workflow import Move, Status
from incident_service.foundation.database import Id, Model

AWAKE = text("wakes_at IS NOT NULL")
UNLINKED = text("head IS NULL")
UNSEALED = text("sealed_version < version AND head IS NOT NULL")
IN_HAND = text("ended_at IS NULL AND case_ended_at IS NULL")
EPOCH = "1970-01-01 00:00:00+00:00"
WITHIN = {"district_code": 6, "street_code": 9, "community_code": 12}   # digits of the code of each larger area
SQUARES = {"tile": TILE, "block": BLOCK}
POINT = {"longitude", "latitude"}
PLACE = {"area_code", *POINT}                               # of a case: where it lies


def _derived(column: str, of: Mapping[str, Any]) -> Any:
    """In which larger area, or on which square of the ground, a case with this area and place lies."""
    if column in SQUARES:
        return square(of["longitude"], of["latitude"], SQUARES[column])
    code, digits = of["area_code"] or "", WITHIN[column]
    return code[:digits] if len(code) >= digits else None


def _deriving(column: str) -> Callable[[DefaultExecutionContext], Any]:
    return lambda context: _derived(column, {"area_code": None} | context.get_current_parameters())


class Case(Model):
    """One case (案卷). `area_code` is its grid, or whose desk it waits at; WGS-84 degrees; times are the first of
    their kind and never move once set, but for `closed_at`: a reopened case is not closed. The larger
    areas and the squares follow from area and place by themselves: lists go by them, newest first."""

    __tablename__ = "case_file"
    __table_args__ = (
        *(Index(f"ix_case_file_{name}", f"{name}_code", "opened_at", "id", "block")
          for name in ("area", "beat", "fire_area")),
        Index("ix_case_file_opened", "opened_at", "id"),
        Index("ix_case_file_status", "status", "due_at"),
        *(Index(f"ix_case_file_{name}", f"{name}_code", "opened_at", "id", "category", "block")
          for name in ("district", "street", "community")),
        *(Index(f"ix_case_file_{name}", name, "opened_at", "id") for name in ("tile", "block", "category")),
        Index("ix_case_file_stage", "status", "opened_at", "id", "block"),
        Index("ix_case_file_wakes", "wakes_at", postgresql_where=AWAKE, sqlite_where=AWAKE),
        Index("ix_case_file_place", "category", "latitude", "longitude"),
        Index("ix_case_file_unlinked", "id", postgresql_where=UNLINKED, sqlite_where=UNLINKED),
        Index("ix_case_file_unsealed", "id", postgresql_where=UNSEALED, sqlite_where=UNSEALED),
        Index("uq_case_file_origin", "origin", "external_id", unique=True),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[Status]
    category: Mapped[str]
    condition: Mapped[str]
    longitude: Mapped[float]
    latitude: Mapped[float]
    address: Mapped[str]
    area_code: Mapped[str | None] = mapped_column(default=None)
    beat_code: Mapped[str | None] = mapped_column(default=None)
    fire_area_code: Mapped[str | None] = mapped_column(String(15), default=None)
    unroutable_reason: Mapped[str | None] = mapped_column(default=None)
    round: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)             # rises with every change: the ETag
    head: Mapped[str | None] = mapped_column(String(64), default=None)  # hash of the last line of its history
    sealed_version: Mapped[int] = mapped_column(default=0, server_default="0")  # up to where its history is signed
    opened_at: Mapped[datetime]
    pushed_at: Mapped[datetime | None] = mapped_column(default=None)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    rectified_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    origin: Mapped[str | None] = mapped_column(String(32), default=None)        # of imported history: which preset
    external_id: Mapped[str | None] = mapped_column(String(128), default=None)  # its id there
    original_kind: Mapped[str | None] = mapped_column(String(200), default=None)    # what it was called there
    suspended_until: Mapped[datetime | None] = mapped_column(default=None)
    wakes_at: Mapped[datetime | None] = mapped_column(default=None)     # when the platform looks at it by itself
    soon_told_for: Mapped[datetime | None] = mapped_column(default=None)        # the deadline told to be near
    overdue_told_for: Mapped[datetime | None] = mapped_column(default=None)     # the deadline told to have passed
    merged_into_id: Mapped[UUID | None] = mapped_column(default=None, index=True)       # the case that goes on for it
    late_excused_at: Mapped[datetime | None] = mapped_column(default=None)      # an appeal was granted: as if in time
    district_code: Mapped[str | None] = mapped_column(String(15), default=_deriving("district_code"))
    street_code: Mapped[str | None] = mapped_column(String(15), default=_deriving("street_code"))
    community_code: Mapped[str | None] = mapped_column(String(15), default=_deriving("community_code"))
    tile: Mapped[int] = mapped_column(BigInteger, default=_deriving("tile"), server_default="0")
    block: Mapped[int] = mapped_column(BigInteger, default=_deriving("block"), server_default="0")


def follow(case: Case) -> None:
    """Set what follows from the area and the place of a case."""
    of = {name: getattr(case, name) for name in PLACE}
    for column in (*WITHIN, *SQUARES):
        setattr(case, column, _derived(column, of))


@event.listens_for(Case, "before_update")
def _follow(_mapper: Any, _connection: Any, case: Case) -> None:
    follow(case)


class Ending(StrEnum):
    """Why a responder does not hold a case any more."""

    RETURNED = "returned"               # they gave it back
    TRANSFERRED = "transferred"         # a desk gave it to somebody else
    LEFT = "left"                       # they serve there no longer
    TAKEN_OVER = "taken_over"           # somebody who was called after them accepted it
    REWORK = "rework"                   # the check failed: they have it again, in a new round
    AMENDED = "amended"                 # its category or place was corrected
    REOPENED = "reopened"               # the closed case goes on


class Dispatch(Model):
    """A case given to one responder (派遣), with its own clock: held from the push until it ended. That the case itself
    is over stands here as well, and on which square it lies: so that what somebody has in hand, or was given near a
    point, is found without looking at all they ever had."""

    __tablename__ = "dispatch"
    __table_args__ = (
        UniqueConstraint("case_id", "round", "part"),
        Index("ix_dispatch_responder", "responder_id", "pushed_at"),
        Index("ix_dispatch_opened", "responder_id", "opened_at", "case_id", "block"),
        Index("ix_dispatch_in_hand", "responder_id", "opened_at", "case_id", postgresql_where=IN_HAND,
              sqlite_where=IN_HAND),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    round: Mapped[int]
    part: Mapped[str]                                           # lead | assist
    role: Mapped[str]
    kind: Mapped[str | None]
    area_code: Mapped[str]
    responder_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    explanation: Mapped[dict[str, Any]]
    opened_at: Mapped[datetime] = mapped_column(server_default=EPOCH)           # its case's, which never moves
    block: Mapped[int] = mapped_column(BigInteger, server_default="0")          # its case's
    pushed_at: Mapped[datetime]
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    rectified_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_because: Mapped[Ending | None] = mapped_column(default=None)
    case_ended_at: Mapped[datetime | None] = mapped_column(default=None)        # None as well once the case goes on
    rung: Mapped[int] = mapped_column(default=0)                # how many rungs of its ladder were climbed
    climbs_at: Mapped[datetime | None] = mapped_column(default=None)        # when the next one is, unless accepted


class Dispute(Model):
    """A case that came back twice, put before a named person who decides where it belongs (裁定)."""

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("case_id", "round"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_whole"),
    )

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    round: Mapped[int]                                          # in which it came back
    decider_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    put_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)


class CaseEvent(Model):
    """One line of a case's history. Only ever added; `hash` ties it to the one before (`cases.chain`)."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "sequence"),)

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    sequence: Mapped[int]                                       # 1, 2, 3 … within the case
    at: Mapped[datetime]
    move: Mapped[Move]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))    # None: the platform itself
    status_before: Mapped[Status | None]
    status_after: Mapped[Status]
    note: Mapped[str]
    details: Mapped[dict[str, Any]]
    salt: Mapped[str | None] = mapped_column(String(32), default=None)
    erased: Mapped[dict[str, Any] | None] = mapped_column(default=None)     # digests in place of erased content
    hash: Mapped[str | None] = mapped_column(String(64), default=None)      # None: older than the chain


class CaseSeal(Model):
    """The ends of many histories, signed. Seals follow one another without a gap."""

    __tablename__ = "case_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    previous: Mapped[str] = mapped_column(String(64))
    heads: Mapped[list[Any]]                                    # [case id, place in its history, hash] of each
    signature: Mapped[str] = mapped_column(String(128))


class Stage(StrEnum):
    """When a picture of a case was sent: with the report, after the rectification, or too late to be its result."""

    BEFORE = "before"
    AFTER = "after"
    LATE = "late"


class CasePhoto(Model):
    """A picture in a case: from which report, or from which dispatch."""

    __tablename__ = "case_photo"
    __table_args__ = (Index("ix_case_photo_case", "case_id", "stage", "position"),)

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    stage: Mapped[Stage]
    position: Mapped[int]
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id"), index=True)
    dispatch_id: Mapped[UUID | None] = mapped_column(ForeignKey("dispatch.id"))
    distance_m: Mapped[float | None] = mapped_column(default=None)      # from the reported place to where EXIF puts it


class Flag(StrEnum):
    """What may be doubtful about a picture of a case."""

    TOO_FEW = "too_few"                                         # evidence rules of the city
    TOO_CLOSE_IN_TIME = "too_close_in_time"
    TOO_OLD = "too_old"
    NOT_LIVE = "not_live"
    FAR_AWAY = "far_away"                                       # EXIF puts it elsewhere
    NOT_AFTER = "not_after"                                     # a result taken before what it rectified
    SAME_FILE = "same_file"                                     # the bytes of an earlier picture
    LOOKS_ALIKE = "looks_alike"


class CaseWarning(Model):
    """A doubt about a picture of a case. Written once; for a person to weigh."""

    __tablename__ = "case_warning"
    __table_args__ = (UniqueConstraint("photo_id", "other_photo_id"),)      # two pictures are told apart once

    id: Mapped[Id]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    flag: Mapped[Flag]
    stage: Mapped[Stage]
    photo_id: Mapped[UUID | None] = mapped_column(ForeignKey("photo.id"))           # None: all of them together
    other_photo_id: Mapped[UUID | None] = mapped_column(ForeignKey("photo.id"))     # the earlier picture
    other_case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    figures: Mapped[dict[str, Any]]                             # the numbers of its sentence
    found_at: Mapped[datetime]
