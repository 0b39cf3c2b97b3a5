"""The table of photos: what was sent, what it is, and what it claims of itself."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation.database import Id, Model
from incident_service.photos.press.claims import DEVICE_CHARACTERS_MAX


class Status(StrEnum):
    """How far a photo's copies are. The thumbnail exists from the beginning."""

    SEALED = "sealed"
    READY = "ready"
    UNREADABLE = "unreadable"


class Size(StrEnum):
    """In which sizes a photo exists: copies by the length of their longer side, and the bytes as they came."""

    THUMB = "thumb"
    SCREEN = "screen"
    ORIGINAL = "original"


class Photo(Model):
    """A picture as it was received. Written once; only its status changes, and once its place among the compared.

    The original lies in the store under `sha256`; several photos may share one.
    """

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint("byte_count > 0 AND width > 0 AND height > 0", name="size_positive"),
        CheckConstraint("orientation BETWEEN 1 AND 8", name="orientation_known"),
        CheckConstraint("(exif_longitude IS NULL) = (exif_latitude IS NULL)", name="position_whole"),
        Index("uq_photo_compared_as", "compared_as", unique=True),
    )

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    byte_count: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(32))
    width: Mapped[int]                              # upright
    height: Mapped[int]
    orientation: Mapped[int]                        # as stored: EXIF's 1 to 8
    captured_claim: Mapped[str | None] = mapped_column(String(32))      # ISO 8601, with the zone if one was said
    captured_at: Mapped[datetime | None]            # the claim as a moment, if it can be believed
    exif_longitude: Mapped[float | None]            # WGS-84, a claim
    exif_latitude: Mapped[float | None]
    device: Mapped[str | None] = mapped_column(String(DEVICE_CHARACTERS_MAX))
    fingerprint: Mapped[int] = mapped_column(BigInteger)                # 0: too plain to be told from others
    sketch: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)        # what a look-alike is confirmed by
    bare_fingerprint: Mapped[int] = mapped_column(BigInteger, default=0)            # the same without its even borders
    bare_sketch: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    compared_as: Mapped[int | None] = mapped_column(default=None)       # 1, 2, 3 …: compared with all before
    received_at: Mapped[datetime] = mapped_column(index=True)
    sent_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    status: Mapped[Status] = mapped_column(default=Status.SEALED)
    original_gone_at: Mapped[datetime | None] = mapped_column(default=None)     # given up: the sweep takes the bytes
    revision: Mapped[int] = mapped_column(default=0)                    # rises whenever the boxes on it change

    def copy_name(self, size: str) -> str:
        """What the present copy of this size is called in the store: copies of earlier revisions are never it."""
        return copy_called(size, self.revision)


def copy_called(size: str, revision: int) -> str:
    """What the copy of this size is called that shows the boxes of this revision."""
    return f"{size}-{revision}" if revision else str(size)
