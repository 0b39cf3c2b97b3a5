"""Tables of the areas: what exists, which shape it has had since when, and which editions there were."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.areas.features import NAME_CHARACTERS_MAX
from incident_service.areas.layers import CODE_CHARACTERS_MAX, Layer
from incident_service.foundation.database import Id, Model

CODE = String(CODE_CHARACTERS_MAX)
SOURCE_CHARACTERS_MAX = 200
IN_FORCE = text("in_force_to IS NULL")


class AreaEdition(Model):
    """One import that changed something. The newest edition is what is in force."""

    __tablename__ = "area_edition"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    imported_at: Mapped[datetime]
    added: Mapped[int]
    reshaped: Mapped[int]
    renamed: Mapped[int]
    retired: Mapped[int] = mapped_column(server_default="0")
    repaired: Mapped[int] = mapped_column(server_default="0")
    source: Mapped[str] = mapped_column(String(SOURCE_CHARACTERS_MAX), server_default="")     # the name of the file
    imported_by_id: Mapped[uuid.UUID | None] = mapped_column(default=None)      # an account; None: the command line


class Area(Model):
    """An area of any layer. Never deleted: cases and roles name it."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    layer: Mapped[Layer] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS_MAX))
    parent_code: Mapped[str | None] = mapped_column(CODE, ForeignKey("area.code"), index=True)


class AreaShape(Model):
    """The polygon of an area (WKB, WGS-84) while it was in force; the one without an end is in force now."""

    __tablename__ = "area_shape"
    __table_args__ = (
        Index("uq_area_shape_in_force", "area_code", unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE),
    )

    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(CODE, ForeignKey("area.code"), index=True)
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("area_edition.id"), index=True)
    polygon: Mapped[bytes] = mapped_column(LargeBinary)
    in_force_from: Mapped[datetime]
    in_force_to: Mapped[datetime | None]
