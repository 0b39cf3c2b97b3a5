"""Opening who a reporter is (调阅身份): with a reason and a second person's consent, for a short while, written down,
and known to the reporter afterwards."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from incident_service import accounts, notifications, reports
from incident_service.accounts import Account, Role
from incident_service.cases import access, history
from incident_service.cases.models import Case
from incident_service.cases.originals import KEEPERS, check_keeper
from incident_service.cases.reporters.identity_models import IdentityLook, IdentityRequest
from incident_service.cases.workflow import Move
from incident_service.foundation import consent
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Forbidden, NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message

APPROVERS = (Role.SUPERVISOR, Role.ADMIN)


class IdentitySealed(Forbidden):
    """Nobody has agreed that the caller may know, or the time for it is over."""
    slug, title = "reporter-identity-sealed", both("上报人身份受保护", "The reporter's identity is protected")


class NotToAgree(Forbidden):
    """Only supervisors and administrators of the area agree that an identity is opened."""
    slug, title = "reporter-identity-not-yours", both("您不能批准此申请", "This is not yours to agree to")


def ask_for_identity(number: str, *, by: Account, reason: str, report_id: UUID | None = None) -> IdentityRequest:
    """Ask who sent a report of a case (the first one when none is named), and say why; who may agree is told.

    Raises CaseUnknown, NotAKeeper, NotFound (no such report of it).
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        check_keeper(by, case)
        said = reports.find_in_case(case.id, report_id)
        wish = IdentityRequest(id=new_id(), case_id=case.id, report_id=said.id, reporter_id=said.reporter_id,
                               reason=reason, asked_by_id=by.id)
        db.session.add(wish)
        _note(case, wish, by, "asked")
        title = both("案卷 {number} 申请调阅上报人身份，请审批",
                     "Case {number}: somebody asks who its reporter is; decide", number=case.number)
        deciders = {each.id for role in APPROVERS for each in accounts.staff_of(case.area_code or "", role)} - {by.id}
        notifications.tell(Message(each, Kind.TO_APPROVE, str(wish.id), case.number, title) for each in deciders)
        return wish


def approve_identity(number: str, request_id: UUID, *, by: Account) -> IdentityRequest:
    """Agree that whoever asked knows the reporter for a short while.

    Safe to repeat: the first consent counts. Raises CaseUnknown, NotToAgree, NotFound, SecondPersonNeeded, WishLapsed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        if not access.reaches(by, case, *APPROVERS):
            raise NotToAgree()
        wish = _locked(case, request_id)
        if consent.agree(wish, by_id=by.id, are_apart=accounts.are_apart(wish.asked_by_id, by.id),
                         within=current_app.config["ORIGINAL_REQUEST_KEEP"],
                         open_for=current_app.config["ORIGINAL_OPEN"]):
            _note(case, wish, by, "approved")
            title = both("案卷 {number} 的身份调阅已批准", "Case {number}: you may look who its reporter is",
                         number=case.number)
            notifications.tell([Message(wish.asked_by_id, Kind.APPROVAL, str(wish.id), case.number, title)])
        return wish


def look_at_identity(number: str, request_id: UUID, *, by: Account) -> tuple[IdentityRequest, Account]:
    """Who the reporter is, for whoever asked, while it is open. The look is written down first, and with the first one
    the reporter is told.

    Raises CaseUnknown, NotAKeeper, NotFound, IdentitySealed.
    """
    with transaction():
        case = access.find_to_change(number, by=by)
        check_keeper(by, case)
        wish = _locked(case, request_id)
        if wish.asked_by_id != by.id or not wish.is_open:
            raise IdentitySealed()
        is_first = not looks_of([wish])
        db.session.add(IdentityLook(id=new_id(), request_id=wish.id, by_id=by.id))
        if is_first:
            _note(case, wish, by, "opened")
            title = both("工作人员经批准调阅了您的身份信息：{reason}",
                         "Your identity was opened to staff, with consent: {reason}", reason=wish.reason)
            notifications.tell([Message(wish.reporter_id, Kind.IDENTITY_OPENED, str(wish.id), case.number, title)])
        return wish, accounts.find(wish.reporter_id)


def identity_log(number: str, *, by: Account) -> Sequence[IdentityRequest]:
    """Every wish to know a reporter of this case, the first one first. Raises CaseUnknown, NotAKeeper."""
    case = access.find(number, by=by)
    if not access.reaches(by, case, *KEEPERS, *APPROVERS):
        check_keeper(by, case)
    return db.session.scalars(select(IdentityRequest).where(IdentityRequest.case_id == case.id)
                              .order_by(IdentityRequest.id)).all()


def looks_of(wishes: Iterable[IdentityRequest]) -> Sequence[IdentityLook]:
    """Every look that these wishes led to, the first one first."""
    return db.session.scalars(select(IdentityLook).where(IdentityLook.request_id.in_([each.id for each in wishes]))
                              .order_by(IdentityLook.id)).all()


def openings_of(case_ids: Sequence[UUID]) -> defaultdict[UUID, list[tuple[str, bool]]]:
    """Every look at a reporter of these cases: by which wish, and whether it was its asker's while it was open."""
    found = defaultdict(list)
    for wish, look in db.session.execute(
            select(IdentityRequest, IdentityLook).join(IdentityLook, IdentityLook.request_id == IdentityRequest.id)
            .where(IdentityRequest.case_id.in_(case_ids)).order_by(IdentityLook.id)):
        is_consented = bool(wish.approved_at and wish.ends_at and wish.approved_at <= look.at < wish.ends_at)
        found[wish.case_id].append((str(wish.id), is_consented and look.by_id == wish.asked_by_id))
    return found


def own_openings(account_id: UUID) -> Sequence[IdentityRequest]:
    """Every time somebody's identity was looked at, the latest first."""
    looked = select(IdentityLook.request_id).where(IdentityLook.request_id == IdentityRequest.id).exists()
    return db.session.scalars(select(IdentityRequest).where(IdentityRequest.reporter_id == account_id, looked)
                              .order_by(IdentityRequest.id.desc())).all()


def _locked(case: Case, request_id: UUID) -> IdentityRequest:
    wish = db.session.scalar(for_update(select(IdentityRequest).where(
        IdentityRequest.id == request_id, IdentityRequest.case_id == case.id)))
    if wish is None:
        raise NotFound()
    return wish


def _note(case: Case, wish: IdentityRequest, by: Account, what: str) -> None:
    """That it happened; why, the wish alone says, to those who may read it."""
    history.note(case, Move.OPEN_IDENTITY, by_id=by.id, step=what, request_id=str(wish.id),
                 report_id=str(wish.report_id))
