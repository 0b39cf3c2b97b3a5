"""Suspending who abuses reporting (停用上报): by a supervisor, from a case; one appeal, decided by somebody else.

The case's history says that it happened; the words of both sides stay with the suspension, for who decides about it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select

from incident_service import accounts, notifications, reports
from incident_service.accounts import Account, Role
from incident_service.cases import access, history
from incident_service.cases.models import Case
from incident_service.cases.reporters.standing import WHY, are_theirs, who_it_concerns
from incident_service.cases.reporters.suspension_models import Misconduct, ReporterSuspension, Ruling
from incident_service.cases.workflow import Move, Who
from incident_service.foundation import clock, paging
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import Words, both
from incident_service.notifications import Kind, Message

DECIDERS = (Role.SUPERVISOR, Role.ADMIN)


class SuspendedBefore(Conflict):
    """One case suspends a reporter once."""
    slug, title = "reporter-suspended-before", both("该上报人已因此案卷被停用", "This case suspended them before")


class SuspensionAppealed(Conflict):
    """There is one appeal against a suspension."""
    slug, title = "suspension-appealed", both("您已申诉过", "You have appealed before")


class SuspensionDecided(Conflict):
    """The appeal was decided otherwise."""
    slug, title = "suspension-decided", both("该申诉已有裁定", "The appeal was decided before")


class SuspensionLifted(Conflict):
    """It was taken back: there is nothing to appeal against, and nothing to decide."""
    slug, title = "suspension-lifted", both("停用已撤销", "The suspension was taken back")


class NotToDecide(Forbidden):
    """Neither who suspended nor who is suspended decides about it, nor an account that may be in the same hand."""
    slug, title = "suspension-not-yours", both("须由另一名督查员或管理员裁定", "Somebody else must decide")


def suspend_reporter(number: str, *, by: Account, reason: Misconduct, note: str, until: datetime | None = None,
                     report_id: UUID | None = None) -> ReporterSuspension:
    """Suspend who sent a report of this case (the first one when none is named), within the area the supervisor
    answers for, until a day or until further notice. They are told why.

    Safe to repeat: the same comes back as it is. Raises CaseUnknown, NotYourMove, NotFound (no such report of it),
    Invalid (a day that has passed, oneself), SuspendedBefore.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        access.check_may(by, case, Move.SUSPEND_REPORTER)
        said = reports.find_in_case(case.id, report_id)
        _check(said.reporter_id, until, by)
        before = db.session.scalar(select(ReporterSuspension).where(
            ReporterSuspension.case_id == case.id, ReporterSuspension.reporter_id == said.reporter_id))
        if before:
            return _same(before, by, reason=reason, note=note, until=until)
        found = ReporterSuspension(
            id=new_id(), case_id=case.id, reporter_id=said.reporter_id, reason=reason, note=note, until=until,
            area_code=_widest(by, case), suspended_by_id=by.id, begins_at=clock.now(), appeal_note="", decision_note="")
        db.session.add(found)
        history.note(case, Move.SUSPEND_REPORTER, by_id=by.id, step="suspended", reason=reason,
                     report_id=str(said.id), until=until and until.isoformat())
        title = both("您的上报功能已被暂停：{reason}；可申诉一次",
                     "You may not report for now: {reason}; you may appeal once", reason=WHY[reason])
        _tell(found, case, title, to=[said.reporter_id])
        return found


def appeal_suspension(id: UUID, *, by: Account, note: str) -> ReporterSuspension:
    """Appeal against one's own suspension, once; supervisors and administrators who did not order it are told.

    Who has come back after having their account removed is from then on known as who is suspended. Safe to repeat with
    the same words. Raises NotFound, SuspensionAppealed, SuspensionLifted.
    """
    with transaction():
        case, found = _locked(id)
        if not _is_ones_own(found, by):
            raise NotFound()
        if found.appealed_at:
            if found.appeal_note != note:
                raise SuspensionAppealed()
            return found
        _check_stands(found)
        found.appealed_at, found.appeal_note = clock.now(), note
        if not _is_suspended_from(case, by):
            found.reporter_id, found.phone_seal = by.id, None
        history.note(case, Move.SUSPEND_REPORTER, by_id=by.id, step="appealed", acting=[Who.REPORTER])
        deciders = {each.id: each for role in DECIDERS for each in accounts.staff_of(found.area_code, role)}
        title = both("案卷 {number}：上报人对停用提出申诉，请裁定",
                     "Case {number}: a suspended reporter appeals; decide", number=case.number)
        _tell(found, case, title, to=[id for id, each in deciders.items() if found.may_be_decided_by(each)])
        return found


def decide_suspension(id: UUID, *, by: Account, ruling: Ruling, note: str) -> ReporterSuspension:
    """Uphold a suspension or lift it, and say why: never who ordered it, nor whom it concerns.

    Safe to repeat. Raises NotFound (also without an appeal), NotToDecide, SuspensionDecided, SuspensionLifted.
    """
    with transaction():
        case, found = _locked(id)
        if not by.holds(*DECIDERS, reaching=found.area_code) or found.appealed_at is None:
            raise NotFound()
        if _is_ones_own(found, by) or not (
                found.may_be_decided_by(by) and accounts.are_apart(found.suspended_by_id, by.id)):
            raise NotToDecide()
        if found.ruling is not None:
            if found.ruling is not ruling:
                raise SuspensionDecided(ruling=found.ruling, decided_at=found.decided_at)
            return found
        _check_stands(found)
        found.ruling, found.decided_at, found.decided_by_id, found.decision_note = ruling, clock.now(), by.id, note
        history.note(case, Move.SUSPEND_REPORTER, by_id=by.id, step=str(ruling))
        _tell(found, case, RULED[ruling], to=[who_it_concerns(found)])
        return found


def lift_suspension(id: UUID, *, by: Account, note: str) -> ReporterSuspension:
    """Take a suspension back without an appeal, and say why: who ordered it, or whoever decides in its area. The
    reporter is told.

    Safe to repeat: the first time counts. Raises NotFound, SuspensionDecided (an appeal has lifted it).
    """
    with transaction():
        case, found = _locked(id)
        if not by.holds(*DECIDERS, reaching=found.area_code):
            raise NotFound()
        if _is_ones_own(found, by):
            raise NotToDecide()
        if found.ruling is Ruling.LIFTED:
            raise SuspensionDecided(ruling=found.ruling, decided_at=found.decided_at)
        if found.lifted_at is None:
            found.lifted_at, found.lifted_by_id, found.lift_note = clock.now(), by.id, note
            history.note(case, Move.SUSPEND_REPORTER, by_id=by.id, step="taken_back")
            _tell(found, case, TAKEN_BACK, to=[who_it_concerns(found)])
        return found


TAKEN_BACK = both("停用已撤销，您可以继续上报", "The suspension was taken back: you may report again")
RULED = {Ruling.UPHELD: both("您的申诉未获支持，上报功能仍暂停", "Your appeal was refused: the suspension stands"),
         Ruling.LIFTED: both("您的申诉成立，上报功能已恢复", "Your appeal was granted: you may report again")}


def own_suspensions(account: Account) -> Sequence[ReporterSuspension]:
    """Every suspension of somebody, the latest first."""
    return db.session.scalars(select(ReporterSuspension).where(are_theirs(account))
                              .order_by(ReporterSuspension.begins_at.desc())).all()


def _is_suspended_from(case: Case, account: Account) -> bool:
    """Whether there is a suspension of this very account from this case: of one who came back, the second one."""
    return bool(db.session.scalar(select(exists().where(
        ReporterSuspension.case_id == case.id, ReporterSuspension.reporter_id == account.id))))


def _is_ones_own(found: ReporterSuspension, by: Account) -> bool:
    return found.id in {each.id for each in own_suspensions(by)}


def page_of_suspensions(*, by: Account, waiting: bool, limit: int, cursor: str) -> paging.Page:
    """The suspensions in the areas of a supervisor or administrator, newest first; or those whose appeal waits."""
    mine = or_(*(access.within(code) for code in by.area_codes(*DECIDERS)))
    wanted = select(ReporterSuspension).join(Case, Case.id == ReporterSuspension.case_id).where(mine)
    if waiting:
        wanted = wanted.where(ReporterSuspension.appealed_at.is_not(None), ReporterSuspension.decided_at.is_(None),
                              ReporterSuspension.lifted_at.is_(None))
    return paging.newest_first(wanted, ReporterSuspension.begins_at, ReporterSuspension.id, limit=limit, cursor=cursor)


def _check(reporter_id: UUID, until: datetime | None, by: Account) -> None:
    if reporter_id == by.id:
        raise Invalid(errors=[FieldError("#/report_id", both("不能停用本人", "Nobody suspends themselves"))])
    if until is not None and until <= clock.now():
        raise Invalid(errors=[FieldError("#/until", both("须为今后的时间", "It must lie ahead"))])


def _check_stands(found: ReporterSuspension) -> None:
    if found.lifted_at is not None:
        raise SuspensionLifted(lifted_at=found.lifted_at)


def _same(before: ReporterSuspension, by: Account, **wanted: object) -> ReporterSuspension:
    if before.suspended_by_id != by.id or any(getattr(before, name) != value for name, value in wanted.items()):
        raise SuspendedBefore(suspension_id=before.id)
    return before


def _widest(by: Account, case: Case) -> str:
    """The widest area the case lies in that somebody supervises."""
    return min((code for code in by.area_codes(Role.SUPERVISOR) if accounts.reaches(code, case.area_code or "")),
               key=len)


def _locked(id: UUID) -> tuple[Case, ReporterSuspension]:
    """A suspension and its case, both locked. Raises NotFound."""
    case_id = db.session.scalar(select(ReporterSuspension.case_id).where(ReporterSuspension.id == id))
    if case_id is None:
        raise NotFound()
    case = access.locked(case_id)
    return case, db.session.execute(for_update(
        select(ReporterSuspension).where(ReporterSuspension.id == id))).scalar_one()


def _tell(found: ReporterSuspension, case: Case, title: Words, *, to: Sequence[UUID]) -> None:
    notifications.tell(Message(each, Kind.REPORTING_SUSPENDED, f"{found.id}/{case.version}", case.number, title)
                       for each in to)
