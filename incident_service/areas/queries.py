"""Reading areas and editions out of the database."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

import orjson
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, select

from incident_service.areas.layers import Layer
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.areas.outlines import Outline
from incident_service.areas.places import AreaName
from incident_service.foundation.database import ONE, db
from incident_service.foundation.ready import Question

BATCH, PORTION = 1000, 5000
LATEST = Question(select(AreaEdition.id, AreaEdition.number).order_by(AreaEdition.number.desc()).limit(ONE))


def latest_edition() -> Row[UUID, int] | None:
    """The id and number of the edition in force, as the database has it now; None before the first import."""
    return next(iter(LATEST.ask()), None)


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


def boundary(code: str, edition: int) -> dict[str, Any] | None:
    """The polygon (GeoJSON, WGS-84) that an area had at an edition; None when there was none."""
    polygon = db.session.scalar(
        select(AreaShape.polygon).join(AreaEdition, AreaEdition.id == AreaShape.edition_id)
        .where(AreaShape.area_code == code, AreaEdition.number <= edition)
        .order_by(AreaEdition.number.desc()).limit(1))
    return None if polygon is None else orjson.loads(shapely.to_geojson(shapely.from_wkb(polygon)))


def all_areas() -> Iterator[tuple[AreaName, BaseGeometry | None]]:
    """Every area there ever was and its shape in force; no shape once it has ended. Read in portions: the polygons
    of a large city as they are stored take more memory than as shapes."""
    rows = db.session.execute(
        select(Area.code, Area.name, Area.layer, AreaShape.polygon)
        .outerjoin(AreaShape, (AreaShape.area_code == Area.code) & AreaShape.in_force_to.is_(None)),
        execution_options={"yield_per": PORTION})
    for portion in rows.partitions():
        shapes = shapely.from_wkb([row.polygon for row in portion])
        yield from ((AreaName(*row[:3]), shape) for row, shape in zip(portion, shapes, strict=True))


def codes_under(code: str) -> Sequence[str]:
    """Every code there ever was in the area above."""
    return db.session.scalars(select(Area.code).where(Area.parent_code == code)).all()


def among_all(codes: Collection[str]) -> set[str]:
    """Which of these codes there ever was."""
    return {code for some in batches(sorted(codes))
            for code in db.session.scalars(select(Area.code).where(Area.code.in_(some)))}


def batches(codes: Sequence[str]) -> Iterator[Sequence[str]]:
    """Codes in portions that a statement can name."""
    return (codes[start:start + BATCH] for start in range(0, len(codes), BATCH))
