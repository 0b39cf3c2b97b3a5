"""Two reports of one thing: the second joins the first one's case (附议), or a desk merges two cases (并案).

A merged case keeps its own reports, pictures and history; it only points to the case that goes on for both. So
un-merging (拆案) loses and invents nothing.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from incident_service import accounts, catalogue, notifications, reports
from incident_service.accounts import Account, Role
from incident_service.cases import access, agenda, history, holding, likeness
from incident_service.cases.likeness import Alike
from incident_service.cases.models import Case, CaseWarning, Flag, Stage
from incident_service.cases.thanks import occasion
from incident_service.cases.workflow import MOVES, WAITING, Move, Status
from incident_service.catalogue import Likeness
from incident_service.foundation.database import db
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import Conflict, FieldError, Invalid
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message
from incident_service.reports import Report

GOES_ON = MOVES[Move.JOIN].starts | {Status.RECTIFIED}


class NotMergedNow(Conflict):
    """The case it was merged into has ended, and what that brought stands."""
    slug, title = "case-merge-stands", both("主案已终结，不能拆案；请先重开主案",
                                            "The case it went into has ended; reopen that one first")


class Duplicate(NamedTuple):
    """A case that may be the same thing as another: how far away, how sure, and what speaks for it."""

    case: Case
    distance_m: float
    likeness: Likeness
    plates: frozenset[str]
    has_same_picture: bool


def live_case(found: Iterable[Alike]) -> Case | None:
    """The case that a report surely joins, its row locked; None when there is none, or it has just ended."""
    for each in found:
        if each.likeness is Likeness.SURE:
            case = access.locked(each.case.id)
            if case.status in MOVES[Move.JOIN].starts:
                return case
    return None


def note_joined(case: Case, said: Report) -> None:
    """Write down that another resident reported the same, and tell whoever has it in hand: it is more urgent."""
    history.note(case, Move.JOIN, by_id=said.reporter_id, report_id=str(said.id))
    title = both("案卷 {number} 又有居民上报", "Somebody else reported case {number} too", number=case.number)
    notifications.tell(Message(each, Kind.JOINED, str(said.id), case.number, title)
                       for each in sorted({one.responder_id for one in holding.held(case)}))


def propose(case: Case, found: Sequence[Alike]) -> None:
    """Lay before the desk that a new case may be the same thing as an open one."""
    if not found:
        return
    title = both("案卷 {number} 可能与 {other} 重复，请核对", "Case {number} may be the same as {other}; look at both",
                 number=case.number, other=found[0].case.number)
    notifications.tell(Message(clerk.id, Kind.MAYBE_DUPLICATE, case.number, case.number, title)
                       for clerk in accounts.staff_of(case.area_code or "", Role.DESK))


def duplicates(number: str, *, by: Account) -> list[Duplicate]:
    """Open cases that may be the same thing as this one, and that `by` may see; a picture both have raises it.

    Raises CaseUnknown.
    """
    case = access.find(number, by=by)
    words = " ".join(f"{each.description} {each.address}" for each in reports.of_case(case.id))
    near = likeness.look(category=case.category, longitude=case.longitude, latitude=case.latitude, words=words,
                         at=case.opened_at, but=case.id).found()
    seen = set(db.session.scalars(select(Case.id).where(
        Case.id.in_([each.case.id for each in near]), access.visible_to(by))))
    same = _with_same_picture(case)
    return [Duplicate(*each, has_same_picture=each.case.id in same) for each in near if each.case.id in seen]


def merge(number: str, *, by: Account, into: str, note: str = "", version: int | None = None) -> Case:
    """Let another case go on for this one: its reporters follow that case, and are thanked as those who joined.

    Safe to repeat. Raises CaseUnknown (either), NotYourMove, WrongTurn (either), Invalid (into itself),
    PreconditionFailed.
    """
    with transaction():
        case, target = _both(number, into, by)
        access.check_may(by, case, Move.MERGE)
        access.check_may(by, target, Move.MERGE)
        if case.merged_into_id == target.id:
            return case
        access.check_version(case, version)
        history.check(case, Move.MERGE)
        if target.status not in GOES_ON:
            history.check(target, Move.JOIN)
        history.move(case, Move.MERGE, by_id=by.id, note=note, into=target.number)
        case.merged_into_id = target.id
        history.note(target, Move.JOIN, by_id=by.id, merged=case.number)
        given = holding.held(case)
        agenda.wind(case, given)
        _tell(case, target, {each.responder_id for each in given})
        return case


def unmerge(number: str, *, by: Account, note: str, version: int | None = None) -> Case:
    """Undo a merge: the case is again what it was, with whoever had it. Only while the other one has not ended.

    Raises CaseUnknown, NotYourMove, WrongTurn, NotMergedNow, PreconditionFailed.
    """
    with transaction():
        case = access.find_to_change(number, by=by, version=version)
        access.check_may(by, case, Move.UNMERGE)
        history.check(case, Move.UNMERGE, back_to=Status.DISPATCHING)
        target = db.session.execute(for_update(select(Case).where(Case.id == case.merged_into_id))).scalar_one()
        if target.status not in GOES_ON:
            raise NotMergedNow()
        history.undo(case, Move.UNMERGE, by_id=by.id, note=note, out_of=target.number)
        case.merged_into_id = None
        history.note(target, Move.UNMERGE, by_id=by.id, released=case.number)
        given = holding.held(case)
        agenda.wind(case, given)
        if case.status in WAITING:
            enqueue("workers.routing.dispatch_case", case_id=str(case.id))
        title = both("案卷 {number} 恢复处置", "Case {number} goes on", number=case.number)
        notifications.tell(Message(each, Kind.PUSHED_AGAIN, f"{case.number}/{case.version}", case.number, title)
                           for each in sorted({one.responder_id for one in given}))
        return case


def _both(number: str, into: str, by: Account) -> tuple[Case, Case]:
    """Both cases, locked in one order whoever merges which."""
    case, target = access.find(number, by=by), access.find(into, by=by)
    if case.id == target.id:
        raise Invalid(errors=[FieldError("#/into", both("不能并入自身", "A case does not go into itself"))])
    for id in sorted((case.id, target.id)):
        access.locked(id)
    return case, target


def _with_same_picture(case: Case) -> set[UUID]:
    """The cases that have a picture of this one, whichever had it first."""
    mine = db.session.execute(select(CaseWarning.case_id, CaseWarning.other_case_id).where(
        CaseWarning.flag.in_([Flag.SAME_FILE, Flag.LOOKS_ALIKE]), CaseWarning.stage == Stage.BEFORE,
        (CaseWarning.case_id == case.id) | (CaseWarning.other_case_id == case.id)))
    return {id for pair in mine for id in pair if id and id != case.id}


def _tell(case: Case, target: Case, responders: set[UUID]) -> None:
    """Its reporters hear that they follow another case now, its responders that they have it no more."""
    name = catalogue.describe(case.category).category
    follows = both("您上报的{name}与已有案卷合并处理", "Your report ({name}) goes on with another case", name=name)
    ended = both("案卷 {number} 已并入 {other}", "Case {number} went into {other}", number=case.number,
                 other=target.number)
    reporters = {each.reporter_id for each in reports.of_case(case.id)}
    notifications.tell([
        *(Message(each, Kind.JOINED, occasion(case), target.number, follows) for each in sorted(reporters)),
        *(Message(each, Kind.ENDED, occasion(case), case.number, ended) for each in sorted(responders - reporters))])
