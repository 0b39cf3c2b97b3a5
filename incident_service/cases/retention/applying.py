"""Applying the rules: a walk over all cases, a bounded number at a time, that begins anew when it is through."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select

from incident_service.cases import access, history
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.reporters.standing import forget_ended
from incident_service.cases.reporters.suspension_models import ReporterSuspension
from incident_service.cases.retention.erasing import ERASERS
from incident_service.cases.retention.models import RetentionWalk, Tombstone, What
from incident_service.cases.retention.restored import erase_again
from incident_service.cases.retention.table import Rule, rules
from incident_service.cases.workflow import ENDED, Move
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import alone, transaction

LOOKED_AT = 2_000                                   # cases of one rule a run
ERASED = 50                                         # of them at most: on SQLite whoever writes waits meanwhile


def apply_retention(*, looked_at: int = LOOKED_AT, erased: int = ERASED) -> int:
    """Erase what has served its time, in some of the cases; in how many. Safe to repeat, and by several at once: a case
    is locked, asked once more, and left alone where a tombstone stands."""
    forget_ended()
    _silence_suspensions(erased)
    return erase_again() + sum(_walk(rule, looked_at, erased) for rule in rules())


def _silence_suspensions(most: int) -> None:
    """Take the words of both sides of a suspension out of histories, which once held them: they are in its own row."""
    spoken = db.session.execute(
        select(CaseEvent.id, CaseEvent.case_id).where(
            CaseEvent.case_id.in_(select(ReporterSuspension.case_id)), CaseEvent.move == Move.SUSPEND_REPORTER,
            CaseEvent.note != "").limit(most)).all()
    for id, case_id in spoken:
        with transaction():
            case = access.locked(case_id)
            if case.head is None:
                history.link(case)
                db.session.flush()
            history.erase(db.session.get_one(CaseEvent, id, populate_existing=True), note="")


def _walk(rule: Rule, looked_at: int, erased: int) -> int:
    """Go on from where the last run of this rule ended."""
    before = clock.now() - rule.life
    walk = db.session.get(RetentionWalk, rule.what)
    last = walk.case_id if walk else UUID(int=0)
    ids = db.session.scalars(select(Case.id).where(Case.id > last).order_by(Case.id).limit(looked_at)).all()
    due = _due(rule.what, ids, before)
    db.session.rollback()
    for case_id in due[:erased]:
        _erase(rule, case_id, before)
    is_through = len(ids) < looked_at and len(due) <= erased
    reached = due[erased - 1] if len(due) > erased else (ids[-1] if ids else last)
    with transaction():
        alone("retention/walk")
        db.session.merge(RetentionWalk(what=rule.what, case_id=UUID(int=0) if is_through else reached))
    return min(len(due), erased)


def _due(what: What, ids: Sequence[UUID], before: datetime) -> list[UUID]:
    """Of these cases the ones that ended, were left alone since, and have not lost this yet; of a merged one, the case
    that goes on for it did, too."""
    if not ids:
        return []
    gone = exists().where(Tombstone.what == what, Tombstone.subject_id == Case.id)
    rows = db.session.execute(
        select(Case.id, Case.merged_into_id).where(Case.id.between(ids[0], ids[-1]), Case.opened_at < before, ~gone,
                                                   _is_over(before)).order_by(Case.id)).all()
    over = _over_to_the_end({id: into for id, into in rows if into}, before)
    return [id for id, into in rows if into is None or id in over]


def _over_to_the_end(merged: Mapping[UUID, UUID], before: datetime) -> set[UUID]:
    """Of merged cases, by the case each went into, those whose last in the chain of such cases is over."""
    over: set[UUID] = set()
    while merged:
        ended = select(Case.id, Case.merged_into_id).where(Case.id.in_(set(merged.values())), _is_over(before))
        reached = {row.id: row.merged_into_id for row in db.session.execute(ended)}
        over |= {id for id, at in merged.items() if at in reached and reached[at] is None}
        merged = {id: further for id, at in merged.items() if (further := reached.get(at))}
    return over


def _is_over(before: datetime) -> ColumnElement[bool]:
    last_line = select(func.max(CaseEvent.at)).where(CaseEvent.case_id == Case.id).scalar_subquery()
    return and_(Case.status.in_(ENDED), last_line < before)


def _erase(rule: Rule, case_id: UUID, before: datetime) -> None:
    with transaction():
        case = access.locked(case_id)
        is_wanted = rule.what is What.IDENTITY and _is_wanted(case)
        if _due(rule.what, [case_id], before) and not is_wanted and ERASERS[rule.what](case):
            db.session.add(Tombstone(id=new_id(), what=rule.what, subject_id=case.id, at=clock.now(),
                                     because=f"{rule.days} days: {rule.source}"))


def _is_wanted(case: Case) -> bool:
    """Whether a reporter of it is suspended at this moment: until that ends, it must be known who that is."""
    return any(each.is_in_force for each in db.session.scalars(
        select(ReporterSuspension).where(ReporterSuspension.case_id == case.id)))


def erased_of(what: What, case_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the cases that have lost this."""
    return set(db.session.scalars(select(Tombstone.subject_id).where(
        Tombstone.what == what, Tombstone.subject_id.in_(case_ids))))
