"""Looking through all cases for what should never be."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from incident_service import notifications, points
from incident_service.cases import words
from incident_service.cases.faults import Evidence, faults_of
from incident_service.cases.models import Case, CaseEvent, CasePhoto, Dispatch, Stage
from incident_service.cases.reporters.identity import openings_of
from incident_service.cases.retention.applying import erased_of
from incident_service.cases.retention.models import What
from incident_service.cases.sealing import check_seals
from incident_service.cases.thanks import grounds_of, occasion, thanks_due, thanks_possible
from incident_service.cases.workflow import Status
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import Words
from incident_service.notifications import Kind
from incident_service.reports import Report

CASES_AT_ONCE = 500
DISPATCHING = "workers.routing.dispatch_case"


class Fault(NamedTuple):
    """Something that is wrong with one case, or with one seal."""

    number: str
    says: Words


def audit(tell: Callable[[Fault], object]) -> tuple[int, int]:
    """Look through all cases and seals, as of one moment, and tell each fault; (cases, faults). May run beside the
    service."""
    cases = faults = 0

    def found(number: str, says: Words) -> None:
        nonlocal faults
        faults += 1
        tell(Fault(number, says))

    with snapshot():
        check_seals(found)
        awaited = _awaited()
        for batch in batches():
            cases += len(batch)
            for evidence in _evidence(batch, awaited):
                for says in faults_of(evidence):
                    found(evidence.case.number, says)
    return cases, faults


def batches() -> Iterator[Sequence[Case]]:
    """All cases, the oldest first, a few at a time; what was read of one batch is let go before the next."""
    statement = select(Case).order_by(Case.id).limit(CASES_AT_ONCE)
    batch = db.session.scalars(statement).all()
    while batch:
        last = batch[-1].id
        yield batch
        db.session.expunge_all()
        batch = db.session.scalars(statement.where(Case.id > last)).all()


def _awaited() -> set[str]:
    """The cases whose dispatching is promised and not given up."""
    promised = select(Promise.arguments).where(Promise.job == DISPATCHING, Promise.failed_at.is_(None))
    return {arguments["case_id"] for arguments in db.session.scalars(promised)}


def _evidence(batch: Sequence[Case], awaited: set[str]) -> Iterator[Evidence]:
    """All that belongs to these cases."""
    ids = [case.id for case in batch]
    events = _by_case(db.session.scalars(select(CaseEvent).where(CaseEvent.case_id.in_(ids))
                                         .order_by(CaseEvent.sequence)))
    dispatches = _by_case(db.session.scalars(select(Dispatch).where(Dispatch.case_id.in_(ids))
                                             .order_by(Dispatch.round, Dispatch.part)))
    reports = _reports(ids)
    shown = set(db.session.scalars(select(CasePhoto.case_id).where(
        CasePhoto.case_id.in_(ids), CasePhoto.stage == Stage.AFTER)))
    told = notifications.told(Kind.DISPATCH, [str(each.id) for given in dispatches.values() for each in given])
    openings, unknown = openings_of(ids), erased_of(What.IDENTITY, ids)
    references = [occasion(case) for case in batch]
    kept, due = words.kept_of(ids), words.due(batch)
    thanks, withheld = points.thanks_given(references), points.withheld(references)
    for case in batch:
        yield Evidence(
            case=case, events=events[case.id], dispatches=dispatches[case.id],
            told={each.id for each in dispatches[case.id] if (each.responder_id, str(each.id)) in told},
            has_report=bool(reports[case.id]), has_after_photo=case.id in shown, is_owed=str(case.id) in awaited,
            thanks_due=set(thanks[occasion(case)]) if case.id in unknown else _thanks_due(
                case, reports[case.id], thanks[occasion(case)]) - withheld[occasion(case)],
            thanks_given=thanks[occasion(case)], openings=openings[case.id], words=kept.get(case.id),
            words_due=due[case.id],
        )


def _reports(ids: Sequence[UUID]) -> defaultdict[UUID, list[Report]]:
    """The reports of each case, those of the cases merged into it included."""
    found: defaultdict[UUID, list[Report]] = defaultdict(list)
    rows = db.session.execute(
        select(Report, Case.merged_into_id).join(Case, Case.id == Report.case_id)
        .where(Case.id.in_(ids) | Case.merged_into_id.in_(ids)).order_by(Report.id))
    for said, merged_into_id in rows:
        found[said.case_id].append(said)
        if merged_into_id:
            found[merged_into_id].append(said)
    return found


def _by_case(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _thanks_due(case: Case, reports: Sequence[Report], given: Collection[tuple[str, UUID]]) -> set[tuple[str, UUID]]:
    """(reason, person) of everything the city thanks for in a closed case, by the tariff of that day. Whoever was
    thanked before they became staff was due it."""
    if case.status is not Status.CLOSED or not reports:
        return set()
    grounds = grounds_of(case, reports)
    due = {(each.reason, each.account_id) for each in thanks_due(case, grounds)}
    return {(each.reason, each.account_id) for each in thanks_possible(case, grounds)
            if (each.reason, each.account_id) in due.union(given)
            and points.worth(each.reason, case.category, case.condition, each.circumstances, at=case.closed_at).points}
