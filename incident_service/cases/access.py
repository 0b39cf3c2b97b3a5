"""Who may see which case: one condition for lists, single cases and pictures alike."""

import re
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, or_, select
from sqlalchemy.orm import aliased

from incident_service.accounts import Account, Role
from incident_service.areas import Layer, layer_of
from incident_service.cases import holding
from incident_service.cases.models import Case, CasePhoto, Dispatch, Stage
from incident_service.cases.workflow import Move, Who, may_make
from incident_service.foundation.database import beside, db
from incident_service.foundation.problems import Forbidden, NotFound, PreconditionFailed
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import current_unit, locking
from incident_service.foundation.words import both
from incident_service.photos import Photo
from incident_service.reports import Report

NUMBER = re.compile(r"[0-9A-Za-z-]{1,64}")
STAFF = (Role.GRID_MANAGER, Role.OFFICER, Role.DESK, Role.SUPERVISOR, Role.ADMIN)


MERGED = aliased(Case)


class CaseUnknown(NotFound):
    """No case has this number, or none the caller may see."""
    slug = "case-unknown"


class NotYourMove(Forbidden):
    """The caller may see the case, but this move is not theirs to make."""
    slug, title = "case-move-not-yours", both("您不能执行此操作", "This move is not yours to make")


def visible_to(account: Account) -> ColumnElement[bool]:
    """The condition on cases that `account` may see as staff: in a held area, or once dispatched to them. Whoever is
    staff no more sees none."""
    if not is_staff(account):
        return false()
    mine = exists().where(Dispatch.case_id == Case.id, beside(Dispatch.responder_id) == account.id)
    return or_(in_scope(account), mine)


def is_staff(account: Account) -> bool:
    """Whether `account` holds a role of staff, wherever; what was once dispatched to them is theirs only as long."""
    return account.holds(*STAFF)


def in_scope(account: Account) -> ColumnElement[bool]:
    """The condition on cases in an area where `account` is staff."""
    return or_(false(), *(within(code) for code in scopes(account)))


def scopes(account: Account) -> list[str]:
    """The codes of the areas whose cases `account` may see as staff."""
    return account.area_codes(*STAFF)


def sees_the_city(account: Account) -> bool:
    """Whether `account` may see every case as staff."""
    return current_app.config["CITY_CODE"] in scopes(account)


AREA_COLUMNS = {6: Case.district_code, 9: Case.street_code, 12: Case.community_code, 15: Case.area_code}


def within(code: str) -> ColumnElement[bool]:
    """The condition on cases that lie in the area `code`: beats and fire areas are named exactly, any other code is a
    prefix. What lies in no area at all, such as imported history, is the city's. Each layer has a column, and an index
    in the order of time."""
    if not code.isdigit():
        return (Case.fire_area_code if layer_of(code) is Layer.FIRE_AREA else Case.beat_code) == code
    if len(code) in AREA_COLUMNS:
        return AREA_COLUMNS[len(code)] == code
    if code == current_app.config["CITY_CODE"]:
        return or_(Case.area_code.startswith(code, autoescape=True), Case.area_code.is_(None))
    return Case.area_code.startswith(code, autoescape=True)


def is_within(case: Case, code: str) -> bool:
    """Whether a case at hand lies in the area `code`: what `within` says, without asking the database."""
    if not code.isdigit():
        return code == (case.fire_area_code if layer_of(code) is Layer.FIRE_AREA else case.beat_code)
    if len(code) in AREA_COLUMNS:
        return code == getattr(case, AREA_COLUMNS[len(code)].key)
    if case.area_code is None:
        return code == current_app.config["CITY_CODE"]
    return case.area_code.startswith(code)


def sees(account: Account, case: Case) -> bool:
    """Whether `account` may see a case at hand as staff: what `visible_to` says."""
    return _lies_in_scope(account, case) or (is_staff(account) and _asked(WAS_GIVEN, account, case))


def _lies_in_scope(account: Account, case: Case) -> bool:
    return any(is_within(case, code) for code in scopes(account))


def _asked(which: Select[bool], account: Account, case: Case) -> bool:
    return bool(db.session.scalar(which, {"case_id": case.id, "account_id": account.id}))


def find(number: str, *, by: Account) -> Case:
    """The case with this number. Raises CaseUnknown, also when it is not the caller's to see."""
    case = _called(number)
    if case is None or not sees(by, case):
        raise CaseUnknown()
    return case


def find_seen(number: str, *, by: Account) -> Case:
    """The case with this number, also for whoever reported it. Raises CaseUnknown."""
    case = _called(number)
    concerned = IS_CONCERNED if is_staff(by) else IS_FOLLOWED
    if case is None or not (_lies_in_scope(by, case) or _asked(concerned, by, case)):
        raise CaseUnknown()
    return case


def _called(number: str) -> Case | None:
    _check_form(number)
    return db.session.scalar(BY_NUMBER, {"number": number})


def _is_followed_by(reporter_id: Any) -> ColumnElement[bool]:
    """The condition on cases that somebody reported, or into which a case they reported was merged."""
    return or_(exists().where(Report.case_id == Case.id, Report.reporter_id == reporter_id),
               exists().where(MERGED.merged_into_id == Case.id, Report.case_id == MERGED.id,
                              Report.reporter_id == reporter_id))


# built once: every move asks one of them
BY_NUMBER = select(Case).where(Case.number == bindparam("number"))
TO_CHANGE, BY_ID_TO_CHANGE = locking(BY_NUMBER), locking(select(Case).where(Case.id == bindparam("case_id")))
TO_CLOSE, TO_DISPATCH = Question(TO_CHANGE), Question(BY_ID_TO_CHANGE)
GIVEN = exists().where(Dispatch.case_id == bindparam("case_id"), Dispatch.responder_id == bindparam("account_id"))
FOLLOWED = exists().where(Case.id == bindparam("case_id"), _is_followed_by(bindparam("account_id")))
WAS_GIVEN, IS_FOLLOWED, IS_CONCERNED = select(GIVEN), select(FOLLOWED), select(or_(GIVEN, FOLLOWED))
PARTS = select(GIVEN.where(holding.is_held()), FOLLOWED)


def _check_form(number: str) -> None:
    """What cannot be a number is not looked for: PostgreSQL would refuse a NUL byte with an error of its own."""
    if not NUMBER.fullmatch(number):
        raise CaseUnknown()


def find_to_change(number: str, *, by: Account, version: int | None = None) -> Case:
    """The same, its row locked until the transaction ends. Raises PreconditionFailed when `version` has passed."""
    _check_form(number)
    current_unit()
    locked = db.session.scalar(TO_CHANGE, {"number": number})
    if locked is None or not sees(by, locked):
        raise CaseUnknown()
    check_version(locked, version)
    return locked


def find_to_close(number: str, *, by: Account) -> Case:
    """The same, outside the session: what is changed in it is written by `history.keep`."""
    _check_form(number)
    current_unit()
    case = next((case for case, in TO_CLOSE.ask(number=number)), None)
    if case is None or not sees(by, case):
        raise CaseUnknown()
    return case


def find_to_dispatch(case_id: UUID) -> Case | None:
    """The case, its row locked until the transaction ends, outside the session as well: `history.keep` writes it."""
    current_unit()
    return next((case for case, in TO_DISPATCH.ask(case_id=case_id)), None)


def locked(case_id: UUID) -> Case:
    """The case, its row locked until the transaction ends, for whoever was found to be allowed to touch it."""
    current_unit()
    return db.session.execute(BY_ID_TO_CHANGE, {"case_id": case_id}).scalar_one()


def looked_over_by(account: Account) -> ColumnElement[bool]:
    """The condition on cases within the areas somebody is a supervisor of."""
    return or_(false(), *(within(code) for code in account.area_codes(Role.SUPERVISOR)))


def check_version(case: Case, version: int | None) -> None:
    """Raises PreconditionFailed when the caller names a version (`If-Match`) that has passed."""
    if version is not None and version != case.version:
        raise PreconditionFailed(current_version=case.version)


def reaches(account: Account, case: Case, *roles: Role) -> bool:
    """Whether the account holds one of the roles in an area the case lies in."""
    return case.area_code is not None and any(account.holds(role, reaching=case.area_code) for role in roles)


ACTING = {Role.GRID_MANAGER: Who.GRID_MANAGER, Role.DESK: Who.DESK, Role.SUPERVISOR: Who.SUPERVISOR}


def acting_as(account: Account, case: Case) -> frozenset[Who]:
    """In what parts somebody acts on a case: by a role held where it lies, by having it in hand, by having said it."""
    responds, reported = db.session.execute(PARTS, {"case_id": case.id, "account_id": account.id}).one()
    return parts(account, case, responds=responds, reported=reported)


def parts(account: Account, case: Case, *, responds: bool, reported: bool) -> frozenset[Who]:
    """The same for whoever knows already whether somebody has the case in hand, and whether they reported it."""
    held = {who for role, who in ACTING.items() if reaches(account, case, role)}
    return frozenset(held | ({Who.RESPONDER} if responds else set()) | ({Who.REPORTER} if reported else set()))


def check_may(account: Account, case: Case, move: Move) -> None:
    """Raises NotYourMove for whoever the table of moves does not name."""
    if not may_make(move, acting_as(account, case)):
        raise NotYourMove()


def find_photo(id: UUID, *, by: Account) -> Photo:
    """A picture of a case the caller may see as staff, or of a report of their own. Raises NotFound otherwise."""
    own = exists().where(Report.reporter_id == by.id, or_(
        Report.id == CasePhoto.report_id, and_(Report.case_id == Case.id, CasePhoto.stage == Stage.AFTER)))
    photo = db.session.scalar(
        select(Photo).join(CasePhoto, CasePhoto.photo_id == Photo.id).join(Case, Case.id == CasePhoto.case_id)
        .where(Photo.id == id, or_(visible_to(by), own)))
    if photo is None:
        raise NotFound()
    return photo
