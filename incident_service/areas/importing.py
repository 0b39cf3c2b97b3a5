"""Importing a file of areas: all of it fits and is stored, or nothing is."""

from dataclasses import dataclass
from typing import Any, ClassVar

import shapely
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from incident_service.areas import locating, queries
from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.features import Outline, read_outlines
from incident_service.areas.findings import Finding
from incident_service.areas.geometry import check_fit
from incident_service.areas.layers import Layer, parent_of
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import Words, both


class ImportsCollided(Conflict):
    """Two imports ran at once and both began from the same edition."""

    slug: ClassVar[str] = "areas-imports-collided"
    title: ClassVar[Words] = both("另一次区域导入刚刚完成，请重新导入",
                                  "Another import of areas has just finished; import again")


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did. With findings it stored nothing; `edition` is the number in force afterwards."""

    edition: int
    added: int = 0
    reshaped: int = 0
    renamed: int = 0
    unchanged: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Changes:
    """How a file differs from what is in force."""

    added: list[Outline]
    reshaped: list[Outline]
    renamed: list[Outline]

    @property
    def reshaped_codes(self) -> set[str]:
        """The areas that get a shape they did not have."""
        return {outline.code for outline in self.added + self.reshaped}

    @property
    def codes(self) -> set[str]:
        """The areas that are not as they were."""
        return self.reshaped_codes | {outline.code for outline in self.renamed}


def import_areas(
    collection: Any, *, layer: Layer | None = None, coordinate_system: CoordinateSystem | None = None,
) -> ImportOutcome:
    """Check a GeoJSON FeatureCollection against itself and what is in force, and store it as a new edition.

    Properties of a feature: `code`, `name`, and if wanted `layer` and `parent`, which must then agree with the
    code. Safe to repeat: what is in force already makes no edition. Relations between areas are looked at once
    every feature by itself is right. Raises ImportsCollided when another import commits meanwhile.
    """
    outlines, findings = read_outlines(collection, layer=layer, coordinate_system=coordinate_system)
    with transaction():
        number = _lock_latest_edition()
        before = queries.outlines_in_force()
        changes = _compare(outlines, before)
        after = before | {outline.code: outline for outline in outlines}
        findings = findings or check_fit(after, changed=changes.reshaped_codes)
        if findings:
            return ImportOutcome(number, findings=tuple(findings))
        if changes.codes:
            number = _store(changes, number=number + 1)
    return ImportOutcome(number, added=len(changes.added), reshaped=len(changes.reshaped),
                         renamed=len(changes.renamed), unchanged=len(outlines) - len(changes.codes))


def _lock_latest_edition() -> int:
    db.session.execute(for_update(select(AreaEdition.id).order_by(AreaEdition.number.desc()).limit(1)))
    latest = queries.latest_edition()
    return latest.number if latest else 0


def _compare(outlines: list[Outline], before: dict[str, Outline]) -> Changes:
    known = [outline for outline in outlines if outline.code in before]
    return Changes(
        added=[outline for outline in outlines if outline.code not in before],
        reshaped=[outline for outline in known if _wkb(outline) != _wkb(before[outline.code])],
        renamed=[outline for outline in known if outline.name != before[outline.code].name],
    )


def _store(changes: Changes, *, number: int) -> int:
    edition = AreaEdition(id=new_id(), number=number, imported_at=clock.now(), added=len(changes.added),
                          reshaped=len(changes.reshaped), renamed=len(changes.renamed))
    try:
        db.session.add(edition)
        _add_areas(changes.added)
        _rename(changes.renamed)
        _retire(changes.reshaped, edition)
        _add_shapes(changes.added + changes.reshaped, edition)
    except IntegrityError as error:
        raise ImportsCollided() from error
    locating.look_again()
    return number


def _add_areas(outlines: list[Outline]) -> None:
    """Parents first: the table refuses a child without its parent."""
    for layer in Layer:
        db.session.add_all(
            Area(code=outline.code, layer=layer, name=outline.name, parent_code=parent_of(outline.code))
            for outline in outlines if outline.layer is layer
        )
        db.session.flush()


def _rename(outlines: list[Outline]) -> None:
    for outline in outlines:
        db.session.execute(update(Area).where(Area.code == outline.code).values(name=outline.name))


def _retire(outlines: list[Outline], edition: AreaEdition) -> None:
    for outline in outlines:
        db.session.execute(
            update(AreaShape).where(AreaShape.area_code == outline.code, AreaShape.in_force_to.is_(None))
            .values(in_force_to=edition.imported_at).execution_options(synchronize_session=False)
        )


def _add_shapes(outlines: list[Outline], edition: AreaEdition) -> None:
    db.session.add_all(
        AreaShape(area_code=outline.code, edition_id=edition.id, polygon=_wkb(outline),
                  in_force_from=edition.imported_at)
        for outline in outlines
    )
    db.session.flush()


def _wkb(outline: Outline) -> bytes:
    return shapely.to_wkb(outline.shape, byte_order=1)
