"""The table of boxes on photos, under which pixels are destroyed in every copy."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock
from incident_service.foundation.database import Id, Model
from incident_service.photos.press import Box


class BoxKind(StrEnum):
    """What a box hides."""

    FACE = "face"
    PLATE = "plate"
    HOUSE_NUMBER = "house_number"
    OTHER = "other"


class Redaction(Model):
    """One box on a photo, relative to the upright picture. Taken away it stays here, with who did it."""

    __tablename__ = "photo_redaction"
    __table_args__ = (
        CheckConstraint("left_part >= 0 AND top_part >= 0 AND width_part > 0 AND height_part > 0"
                        " AND left_part + width_part <= 1.000001 AND top_part + height_part <= 1.000001",
                        name="inside_the_picture"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed_whole"),
    )

    id: Mapped[Id]
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photo.id"), index=True)
    kind: Mapped[BoxKind]
    left_part: Mapped[float]
    top_part: Mapped[float]
    width_part: Mapped[float]
    height_part: Mapped[float]
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def box(self) -> Box:
        """Where it lies."""
        return Box(self.left_part, self.top_part, self.width_part, self.height_part)
