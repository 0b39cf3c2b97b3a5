"""Areas, editions and earlier shapes, as administrators and maps read them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import shapely
from sqlalchemy import ColumnElement, or_, select

from incident_service.areas import queries
from incident_service.areas.coordinates import CoordinateSystem, from_wgs84
from incident_service.areas.layers import BESIDE, Layer, layer_of, lineage
from incident_service.areas.locating import UnknownArea
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.areas.outlines import Outline
from incident_service.foundation.database import db
from incident_service.foundation.paging import Page, newest_first
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both

OUTLINES_MAX = 5_000
DECIMALS = 7                                                # a centimetre


def seen_from(held: Iterable[str]) -> ColumnElement[bool]:
    """The condition on areas that concern who serves within the areas `held`: what lies in them, what they lie in,
    and what lies beside the tree in their districts and streets."""
    codes = list(held)
    above = {code for each in codes for code in lineage(each)}
    inside = [Area.code.startswith(code, autoescape=True) for code in codes if code.isdigit()]
    return or_(Area.code.in_([*above, *codes]), Area.parent_code.in_(above) & Area.layer.in_(list(BESIDE)), *inside)


def page_of_areas(held: Iterable[str], *, layer: Layer | None, within: str, limit: int, cursor: str) -> Page:
    """One page of the areas in force that concern `held`, by code."""
    if cursor and layer_of(cursor) is None:
        raise Invalid(errors=[FieldError("#/cursor", both("游标无效", "This cursor is not one of ours"))])
    rows = db.session.execute(
        _in_force(select(Area.code, Area.name, Area.layer, Area.parent_code, AreaEdition.number.label("edition")))
        .join(AreaEdition, AreaEdition.id == AreaShape.edition_id)
        .where(*_chosen(held, layer, within), Area.code > cursor).order_by(Area.code).limit(limit + 1)).all()
    return Page(rows[:limit], rows[limit - 1].code if len(rows) > limit else None)


def page_of_editions(*, limit: int, cursor: str) -> Page:
    """One page of every edition there was, newest first."""
    return newest_first(select(AreaEdition), AreaEdition.imported_at, AreaEdition.id, limit=limit, cursor=cursor)


def shapes_of(code: str, held: Iterable[str]) -> tuple[Any, Sequence[Any]]:
    """An area that concerns `held`, and which shapes it had, by which edition and when, the newest first. Raises
    UnknownArea."""
    area = db.session.execute(
        select(Area.code, Area.name, Area.layer, Area.parent_code).where(Area.code == code, seen_from(held))
    ).first() if layer_of(code) else None
    if area is None:
        raise UnknownArea()
    shapes = db.session.execute(
        select(AreaEdition.number.label("edition"), AreaShape.in_force_from, AreaShape.in_force_to)
        .join(AreaEdition, AreaEdition.id == AreaShape.edition_id)
        .where(AreaShape.area_code == code).order_by(AreaEdition.number.desc())).all()
    return area, shapes


def outlines(held: Iterable[str], *, layer: Layer | None = None, within: str = "", edition: int | None = None,
             codes: Collection[str] = ()) -> list[Outline]:
    """The areas that concern `held` with their shapes: in force now, or as an earlier edition had them.

    Raises Invalid for more than OUTLINES_MAX of them and for an edition that never was.
    """
    chosen = select(Area.code, Area.name, Area.layer, AreaShape.polygon).where(*_chosen(held, layer, within))
    if codes:
        chosen = chosen.where(Area.code.in_(codes))
    rows = db.session.execute(_as_of(chosen, edition).order_by(Area.code).limit(OUTLINES_MAX + 1)).all()
    if len(rows) > OUTLINES_MAX:
        raise Invalid(errors=[FieldError("#/within", both(
            "超过 {most} 个区域，请缩小范围", "There are more than {most} areas; choose a smaller one",
            most=OUTLINES_MAX))])
    shapes = shapely.from_wkb([row.polygon for row in rows])
    return [Outline(row.code, row.name, Layer(row.layer), shape) for row, shape in zip(rows, shapes, strict=True)]


def outline(code: str, held: Iterable[str], *, edition: int | None = None) -> Outline:
    """One of them. Raises UnknownArea, also when it had no shape then."""
    found = outlines(held, codes=[code], edition=edition) if layer_of(code) else None
    if not found:
        raise UnknownArea()
    return found[0]


def latest_number() -> int:
    """The number of the edition in force; 0 before the first import."""
    latest = queries.latest_edition()
    return latest.number if latest else 0


def as_geometry(outline: Outline, system: CoordinateSystem) -> dict[str, Any]:
    """The shape as GeoJSON geometry, for a map that expects `system`."""
    def move(degrees: Any) -> Any:
        return [from_wgs84(longitude, latitude, system) for longitude, latitude in degrees.tolist()]

    shape = outline.shape if system is CoordinateSystem.WGS84 else shapely.transform(outline.shape, move)
    rounded = shapely.transform(shape, lambda degrees: degrees.round(DECIMALS))
    return dict(shapely.geometry.mapping(rounded))


def _chosen(held: Iterable[str], layer: Layer | None, within: str) -> list[ColumnElement[bool]]:
    return [seen_from(held), *([Area.layer == layer] if layer else []),
            *([Area.code.startswith(within, autoescape=True)] if within else [])]


def _in_force(statement: Any) -> Any:
    return statement.join(AreaShape, (AreaShape.area_code == Area.code) & AreaShape.in_force_to.is_(None))


def _as_of(statement: Any, edition: int | None) -> Any:
    """With the shapes of an edition: editions follow one another in time, without a tie."""
    if edition is None:
        return _in_force(statement)
    at = db.session.scalar(select(AreaEdition.imported_at).where(AreaEdition.number == edition))
    if at is None:
        raise Invalid(errors=[FieldError("#/edition", both("没有这一版次", "There was no such edition"))])
    return statement.join(AreaShape, (AreaShape.area_code == Area.code) & (AreaShape.in_force_from <= at)
                          & or_(AreaShape.in_force_to.is_(None), AreaShape.in_force_to > at))
