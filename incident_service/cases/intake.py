"""A report comes in and its case exists at once (立案)."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import current_app

from incident_service import areas, catalogue, photos, reports
from incident_service.accounts import Account
from incident_service.areas import CoordinateSystem, Place
from incident_service.cases import doubts, evidence, history, likeness, merging, queries, sight, words
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Stage
from incident_service.cases.queries import ReportFile
from incident_service.cases.reporters.standing import check_may_report
from incident_service.cases.workflow import Status
from incident_service.catalogue import Category
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_new
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import let_go, transaction
from incident_service.photos import Photo

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"             # none that are mistaken for another on the telephone
OTHER = "other"


def report(
    *, by: Account, uploads: list[Any], longitude: float, latitude: float, coordinate_system: CoordinateSystem,
    category: str = OTHER, description: str = "", address: str = "", taken_at: datetime | None = None,
) -> ReportFile:
    """Take a report and open its case, given back as its reporter follows it. When this returns, nothing can lose it.

    What is surely the same thing as an open case of somebody else's (config/tables/duplicates.toml) joins that case;
    what is likely so is laid before the desk.

    The pictures are looked at and sealed on disk first; then report, case and the promise to dispatch it are one
    transaction. Raises ReporterSuspended, Invalid (pictures, category), EvidenceRefused,
    Unavailable (a store or the database is away); then nothing is kept. Not safe to repeat by itself: the route honours
    an Idempotency-Key.
    """
    known = catalogue.category(category)
    east, north = areas.to_wgs84(longitude, latitude, coordinate_system)
    place = areas.locate(east, north)
    check_may_report(by, place.area_code)
    let_go()
    sealed = photos.take_in(uploads, object_to=evidence.objection(known.code, taken_at))
    with transaction():
        now = clock.now()
        look = likeness.look(category=known.code, longitude=east, latitude=north, words=f"{description} {address}",
                             at=now, not_of=by.id)
        kept = photos.keep(sealed, by_id=by.id)
        found = look.found()
        report_id, joined = new_id(), merging.live_case(found)
        case, begun = (joined, None) if joined else open_case(
            known, place, (east, north), address=address, by_id=by.id, report_id=report_id, at=now)
        said = reports.record(
            id=report_id, reporter_id=by.id, case_id=case.id, category=known.code, description=description,
            address=address, longitude=east, latitude=north, received_longitude=longitude, received_latitude=latitude,
            received_system=coordinate_system, taken_at=taken_at, received_at=now)
        attach(case, kept, Stage.BEFORE, report_id=said.id)
        wanting = evidence.weigh_report(case, kept, taken_at)
        if begun is None:
            words.write(case)
            merging.note_joined(case, said)
            db.session.flush()
            return queries.report_file(said)
        words.write_new([(case.id, now, (case.number, address, description), sight.of_case(case))])
        enqueue("workers.routing.dispatch_case", case_id=str(case.id))
        merging.propose(case, found)
        photos_by_stage = {Stage.BEFORE: kept, Stage.AFTER: []}
        return ReportFile(said, case, photos_by_stage, [begun], points=0, rule_doubts=doubts.said_once(wanting))


def open_case(known: Category, place: Place, position: tuple[float, float], *, address: str, by_id: UUID,
              report_id: UUID, at: datetime, **details: str) -> tuple[Case, CaseEvent]:
    """A new case of this category at a WGS-84 position (longitude, latitude), opened when it was reported, and the
    first line of its history. Must be called inside a transaction."""
    longitude, latitude = position
    case = Case(
        id=new_id(), number=case_number(at), status=Status.DISPATCHING, category=known.code,
        condition=known.default_condition.code, longitude=longitude, latitude=latitude, address=address,
        area_code=place.area_code or current_app.config["CITY_CODE"], beat_code=place.beat,
        fire_area_code=place.fire_area, version=1, opened_at=at, due_at=None)
    begun = history.begin(case, by_id=by_id, report_id=str(report_id), **details)
    insert_new([case, begun])
    return case, begun


def attach(case: Case, kept: list[Photo], stage: Stage, *, report_id: UUID | None = None,
           dispatch_id: UUID | None = None) -> None:
    """Put pictures into a case, in the order they were sent, and promise to compare them with all earlier ones."""
    insert_new(
        CasePhoto(photo_id=photo.id, case_id=case.id, stage=stage, position=position, report_id=report_id,
                  dispatch_id=dispatch_id, distance_m=evidence.distance_m(case, photo))
        for position, photo in enumerate(kept, 1))
    enqueue("workers.media.compare_pictures", case_id=str(case.id))


def case_number(now: datetime) -> str:
    """A case number such as 20261120-7K3Q9XM4: the day, and eight letters drawn by lot.

    Numbers cannot be guessed, say nothing about how many cases there are, and need no counter that every report
    would wait for. With 10,000 cases a day one in 10⁸ numbers is drawn twice; the constraint then refuses it.
    """
    day = now.astimezone(ZoneInfo(current_app.config["TIME_ZONE"])).strftime("%Y%m%d")
    return f"{day}-{''.join(secrets.choice(LETTERS) for _ in range(8))}"
