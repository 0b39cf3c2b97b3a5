"""The tables of sealed originals: who asked to see one and why, who agreed, every look, and what was swept away."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock, consent
from incident_service.foundation.consent import Wish
from incident_service.foundation.database import Id, Model


class OriginalRequest(Wish, Model):
    """Somebody's wish to see an original, and why. A second person agrees, once; then it is open for a while."""

    __tablename__ = "original_request"
    __table_args__ = (
        *consent.rules(),
        Index("ix_original_request_photo_asker", "photo_id", "asked_by_id"),
    )

    id: Mapped[Id]
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"))


class Occasion(StrEnum):
    """How an original was looked at."""

    PHOTO = "photo"                 # by itself
    BUNDLE = "bundle"               # inside an evidence bundle


class OriginalLook(Model):
    """One look at an original, with the reason as it was given. Only ever added."""

    __tablename__ = "original_look"

    id: Mapped[Id]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("original_request.id"), index=True)
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    occasion: Mapped[Occasion]
    reason: Mapped[str]


class SweptOriginal(Model):
    """Bytes that no photo named and that are being deleted, or were a short while ago."""

    __tablename__ = "photo_swept"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    doomed_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
