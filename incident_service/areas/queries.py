"""Reading the areas in force out of the database."""

from uuid import UUID

import shapely
from sqlalchemy import Row, select

from incident_service.areas.features import Outline
from incident_service.areas.layers import Layer
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.foundation.database import db


def latest_edition() -> Row[UUID, int] | None:
    """The id and number of the edition in force, as the database has it now; None before the first import."""
    return db.session.execute(
        select(AreaEdition.id, AreaEdition.number).order_by(AreaEdition.number.desc()).limit(1)
    ).first()


def are_imported() -> bool:
    """Whether any areas were ever imported."""
    return latest_edition() is not None


def outlines_in_force() -> dict[str, Outline]:
    """Every area in force, by its code."""
    rows = db.session.execute(
        select(Area.code, Area.name, Area.layer, AreaShape.polygon)
        .join(AreaShape, AreaShape.area_code == Area.code)
        .where(AreaShape.in_force_to.is_(None)).order_by(Area.code)
    ).all()
    shapes = shapely.from_wkb([row.polygon for row in rows])
    return {
        row.code: Outline(row.code, row.name, Layer(row.layer), shape)
        for row, shape in zip(rows, shapes, strict=True)
    }
