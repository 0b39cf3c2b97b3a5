"""Reading cases: a history, and a reporter's own. One with all that belongs to it is a `case_file`; lists are found in
`finding`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from incident_service import points
from incident_service.cases import doubts
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Stage
from incident_service.cases.thanks import occasion
from incident_service.cases.workflow import Status
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.ready import Question
from incident_service.foundation.words import Words
from incident_service.photos import Photo
from incident_service.reports import Report

DONE = (Status.RECTIFIED, Status.CLOSED)
# every look at a case asks them
EVENTS = Question(select(CaseEvent).where(CaseEvent.case_id == bindparam("case_id")).order_by(CaseEvent.sequence))
PHOTOS = (select(CasePhoto.case_id, CasePhoto.stage, Photo).join(Photo, Photo.id == CasePhoto.photo_id)
          .where(CasePhoto.case_id.in_(bindparam("case_ids", expanding=True))).order_by(CasePhoto.photo_id))


def events_of(case: Case) -> Sequence[CaseEvent]:
    """The history of a case, from its beginning; to be read."""
    return [event for event, in EVENTS.ask(case_id=case.id)]


def photos_of(case_ids: Iterable[UUID]) -> dict[UUID, dict[Stage, list[Photo]]]:
    """The pictures of some cases by stage, in the order they were sent."""
    found: dict[UUID, dict[Stage, list[Photo]]] = defaultdict(lambda: {stage: [] for stage in Stage})
    for case_id, stage, photo in db.session.execute(PHOTOS, {"case_ids": list(case_ids)}):
        found[case_id][stage].append(photo)
    return found


def is_overdue(case: Case) -> bool:
    """Whether a case was rectified too late, or is still waiting past its deadline; never what an appeal excused."""
    ended = case.rectified_at or clock.now()
    return case.due_at is not None and case.late_excused_at is None and ended > case.due_at


@dataclass(frozen=True)
class ReportFile:
    """A report as its reporter follows it: their own words, and how far their case has come."""

    report: Report
    case: Case
    photos: dict[Stage, list[Photo]]
    events: Sequence[CaseEvent]
    points: int
    rule_doubts: Sequence[Words]


def report_file(report: Report) -> ReportFile:
    """One report with the progress of its case."""
    return report_files([report])[0]


def report_files(some: Sequence[Report]) -> list[ReportFile]:
    """Reports with the progress of their cases, in the same order: of a merged case, the one that goes on for it.
    Before a rectification each reporter sees their own pictures alone."""
    followed = _followed({each.case_id for each in some})
    case_ids = {case.id for case in followed.values()} | set(followed)
    events, results, own = defaultdict(list), photos_of(case_ids), _own_pictures([each.id for each in some])
    for event in db.session.scalars(
            select(CaseEvent).where(CaseEvent.case_id.in_(case_ids)).order_by(CaseEvent.at, CaseEvent.sequence)):
        events[event.case_id].append(event)
    wanting = doubts.rule_doubts(case_ids)
    given = points.given_for(some[0].reporter_id, [occasion(case) for case in followed.values()]) if some else {}
    return [ReportFile(each, (case := followed[each.case_id]),
                       {Stage.BEFORE: own[each.id], Stage.AFTER: results[case.id][Stage.AFTER]},
                       _story(each, case, events), given.get(occasion(case), 0), wanting.get(each.case_id, ()))
            for each in some]


def _followed(case_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """For each of these cases the one its reporters follow: itself, or the one it was merged into."""
    known: dict[UUID, Case] = {}
    wanted = set(case_ids)
    while wanted:
        known |= {case.id: case for case in db.session.scalars(select(Case).where(Case.id.in_(wanted)))}
        wanted = {case.merged_into_id for case in known.values() if case.merged_into_id} - known.keys()

    def last(case: Case) -> Case:
        return last(known[case.merged_into_id]) if case.merged_into_id else case

    return {id: last(known[id]) for id in case_ids}


def _own_pictures(report_ids: Sequence[UUID]) -> dict[UUID, list[Photo]]:
    """The pictures that came with each report, in the order they were sent."""
    found: dict[UUID, list[Photo]] = defaultdict(list)
    rows = db.session.execute(
        select(Report.id, Photo).join(CasePhoto, CasePhoto.report_id == Report.id)
        .join(Photo, Photo.id == CasePhoto.photo_id)
        .where(Report.id.in_(report_ids)).order_by(CasePhoto.photo_id))
    for report_id, photo in rows:
        found[report_id].append(photo)
    return found


def _story(said: Report, case: Case, events: dict[UUID, list[CaseEvent]]) -> list[CaseEvent]:
    """What happened since somebody reported: until a merge in their own case, afterwards in the one that goes on."""
    if case.id == said.case_id:
        return events[case.id]
    own = events[said.case_id]
    merged_at = own[-1].at
    return own + [event for event in events[case.id] if event.at > merged_at]


def with_numbers(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Rows that belong to cases, each with its case's number."""
    some = list(rows)
    numbers = dict(db.session.execute(
        select(Case.id, Case.number).where(Case.id.in_({each.case_id for each in some}))).all())
    return [{column.key: getattr(each, column.key) for column in each.__table__.columns}
            | {"case_number": numbers[each.case_id]} for each in some]


def latest(limit: int) -> Sequence[Case]:
    """The newest cases of the installation. For the demo town's front page only: it asks nobody's leave."""
    return db.session.scalars(select(Case).order_by(Case.opened_at.desc(), Case.id.desc()).limit(limit)).all()


