"""Putting a draft of areas in force: all of it, or nothing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import shapely
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from incident_service.areas import locating, queries
from incident_service.areas.coordinates import CoordinateSystem
from incident_service.areas.drafting import Changes, Draft, draft
from incident_service.areas.features import Reading
from incident_service.areas.findings import Finding
from incident_service.areas.layers import Layer, parent_of
from incident_service.areas.models import Area, AreaEdition, AreaShape
from incident_service.areas.outlines import Outline
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import Words, both

A_MOMENT = timedelta(microseconds=1)


class ImportsCollided(Conflict):
    """Two imports ran at once and both began from the same edition."""

    slug: ClassVar[str] = "areas-imports-collided"
    title: ClassVar[Words] = both("另一次区域导入刚刚完成，请重新导入",
                                  "Another import of areas has just finished; import again")


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did, or would do. With findings it stored nothing; `edition` is the number in force afterwards.

    `repairs` names what was repaired, `remarks` what may be meant: they forbid nothing.
    """

    edition: int
    added: int = 0
    reshaped: int = 0
    renamed: int = 0
    retired: int = 0
    unchanged: int = 0
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()


def import_areas(
    collection: Any, *, layer: Layer | None = None, coordinate_system: CoordinateSystem | None = None,
    accept_repairs: bool = False,
) -> ImportOutcome:
    """Check a GeoJSON FeatureCollection against itself and what is in force, and store it as a new edition.

    Safe to repeat: what is in force already makes no edition. Raises ImportsCollided when another import commits
    meanwhile.
    """
    reading = Reading(layer=layer, coordinate_system=coordinate_system)
    return put_in_force(draft(collection, reading, accept_repairs=accept_repairs))


def put_in_force(drafted: Draft, *, by_id: UUID | None = None, source: str = "") -> ImportOutcome:
    """Store a draft as a new edition, unless something is wrong with it or nothing would change.

    Everything was read and looked at before; only the storing takes locks. Raises ImportsCollided when the edition
    it was compared with is no longer in force.
    """
    changes, number = drafted.changes, drafted.edition
    if not drafted.findings and changes.codes:
        with transaction() as unit:
            number = _store(changes, drafted, by_id=by_id, source=source)
            unit.after_commit.append(locating.look_again)       # who looks meanwhile still finds the one before
        locating.look_again()
    return outcome_of(drafted, edition=number)


def outcome_of(drafted: Draft, *, edition: int) -> ImportOutcome:
    """A draft in figures and findings; nothing counts as changed while something forbids it."""
    changes = drafted.changes
    said = ImportOutcome(edition, findings=tuple(drafted.findings), repairs=tuple(drafted.repairs),
                         remarks=tuple(drafted.remarks))
    if said.findings:
        return said
    return replace(said, added=len(changes.added), reshaped=len(changes.reshaped), renamed=len(changes.renamed),
                   retired=len(changes.retired),
                   unchanged=len(drafted.outlines) - len(changes.codes - {*changes.retired}))


def _store(changes: Changes, drafted: Draft, *, by_id: UUID | None, source: str) -> int:
    latest = db.session.scalar(for_update(select(AreaEdition).order_by(AreaEdition.number.desc()).limit(1)))
    if (latest.number if latest else 0) != drafted.edition:
        raise ImportsCollided()
    now = clock.now()
    edition = AreaEdition(
        id=new_id(), number=drafted.edition + 1, imported_by_id=by_id, source=source,
        imported_at=max(now, latest.imported_at + A_MOMENT) if latest else now,      # editions follow one another
        added=len(changes.added), reshaped=len(changes.reshaped), renamed=len(changes.renamed),
        retired=len(changes.retired), repaired=len(drafted.repairs))
    try:
        db.session.add(edition)
        db.session.flush()
        _add_areas(changes.added)
        _rename(changes.renamed)
        _end_shapes([*(outline.code for outline in changes.reshaped), *changes.retired], edition)
        _add_shapes(changes.added + changes.reshaped, edition)
    except IntegrityError as error:
        raise ImportsCollided() from error
    return edition.number


def _add_areas(outlines: list[Outline]) -> None:
    """Parents first: the table refuses a child without its parent. One that had ended begins anew."""
    ended = queries.among_all({outline.code for outline in outlines})
    _rename([outline for outline in outlines if outline.code in ended])
    for layer in Layer:
        if rows := [{"code": outline.code, "layer": layer, "name": outline.name,
                     "parent_code": parent_of(outline.code)}
                    for outline in outlines if outline.layer is layer and outline.code not in ended]:
            db.session.execute(insert(Area), rows)


def _rename(outlines: list[Outline]) -> None:
    if outlines:
        db.session.execute(update(Area), [{"code": outline.code, "name": outline.name} for outline in outlines])


def _end_shapes(codes: list[str], edition: AreaEdition) -> None:
    for some in queries.batches(codes):
        db.session.execute(
            update(AreaShape).where(AreaShape.area_code.in_(some), AreaShape.in_force_to.is_(None))
            .values(in_force_to=edition.imported_at).execution_options(synchronize_session=False))


def _add_shapes(outlines: list[Outline], edition: AreaEdition) -> None:
    if outlines:
        db.session.execute(insert(AreaShape), [
            {"id": new_id(), "area_code": outline.code, "edition_id": edition.id, "polygon": _wkb(outline),
             "in_force_from": edition.imported_at, "in_force_to": None} for outline in outlines])


def _wkb(outline: Outline) -> bytes:
    return shapely.to_wkb(outline.shape, byte_order=1)
