"""Whether somebody may report at a place: who is suspended there is told why, until when, and how to appeal.

Who has their account removed meanwhile and comes back by the same phone is known by a keyed hash of its number, and by
nothing else: it is kept as long as the suspension lasts.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, exists, or_, select, update

from incident_service import accounts
from incident_service.accounts import Account
from incident_service.cases.reporters.suspension_models import Misconduct, ReporterSuspension, Ruling
from incident_service.foundation import clock, keys
from incident_service.foundation.database import db
from incident_service.foundation.problems import Forbidden
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import current_unit, transaction
from incident_service.foundation.words import both

WHY = {
    Misconduct.FALSE_REPORTS: both("多次虚假上报", "untrue reports"),
    Misconduct.FORGED_PICTURES: both("使用伪造或盗用的照片", "forged or borrowed pictures"),
    Misconduct.ABUSE: both("辱骂或威胁他人", "abuse or threats"),
    Misconduct.SPAM: both("恶意或重复上报", "malicious or repeated reports"),
    Misconduct.OTHER: both("违反上报规则", "a breach of the rules of reporting"),
}
OPEN_END = both("另行通知", "further notice")
Found = Row[UUID, str, Misconduct, str, datetime | None, datetime | None]
IN_FORCE = Question(select(                     # columns, no row to be kept: each report asks, and hardly any finds one
    ReporterSuspension.id, ReporterSuspension.area_code, ReporterSuspension.reason, ReporterSuspension.note,
    ReporterSuspension.until, ReporterSuspension.appealed_at).where(
    or_(ReporterSuspension.reporter_id == bindparam("reporter_id"),
        ReporterSuspension.phone_seal == bindparam("phone_seal")),
    ReporterSuspension.lifted_at.is_(None),
    or_(ReporterSuspension.until.is_(None), ReporterSuspension.until > bindparam("now")),
    ReporterSuspension.ruling.is_distinct_from(Ruling.LIFTED)).order_by(ReporterSuspension.begins_at.desc()))


class ReporterSuspended(Forbidden):
    """Whoever is suspended may sign in, read and appeal, but neither report nor join nor have a case reopened."""
    slug, title = "reporter-suspended", both("您的上报功能已被暂停", "You may not report for the time being")


def check_may_report(account: Account, area_code: str | None) -> None:
    """Raises ReporterSuspended for whoever may not report in this area now."""
    for each in IN_FORCE.ask(reporter_id=account.id, phone_seal=_seal(account), now=clock.now()):
        if area_code is None or accounts.reaches(each.area_code, area_code):
            raise _refusal(each)


def are_theirs(account: Account) -> ColumnElement[bool]:
    """The condition on suspensions that they are somebody's, also from before they came back."""
    return or_(ReporterSuspension.reporter_id == account.id, ReporterSuspension.phone_seal == _seal(account))


def who_it_concerns(found: ReporterSuspension) -> UUID:
    """The account that a suspension concerns now: of somebody who came back, the one they have. Their number is known
    by its hash alone, so every number is tried: rarely, and 0.3 s in a city of 100,000."""
    if found.phone_seal is None:
        return found.reporter_id
    return next((id for id, phone in accounts.numbers() if _seal_of(phone) == found.phone_seal), found.reporter_id)


def remember(account: Account) -> None:
    """Remember somebody who leaves by their phone, in the open transaction, as long as they are suspended."""
    current_unit()
    for each in db.session.scalars(select(ReporterSuspension).where(ReporterSuspension.reporter_id == account.id)):
        if each.is_in_force and account.phone:
            each.phone_seal = _seal(account)


def forget_ended() -> None:
    """Forget the phones of those whose suspension has ended. Safe to repeat."""
    ended = or_(ReporterSuspension.until <= clock.now(), ReporterSuspension.lifted_at.is_not(None),
                ReporterSuspension.ruling == Ruling.LIFTED)
    if db.session.scalar(select(exists().where(ReporterSuspension.phone_seal.is_not(None), ended))):
        with transaction():
            db.session.execute(update(ReporterSuspension).where(ReporterSuspension.phone_seal.is_not(None), ended)
                               .values(phone_seal=None).execution_options(synchronize_session=False))


def _seal(account: Account) -> str:
    """What stands for somebody's phone; of who has none, what stands for nobody's."""
    return _seal_of(account.phone) if account.phone else ""


def _seal_of(phone: str) -> str:
    return keys.seal("suspended-phone", phone)


def _refusal(found: Found) -> ReporterSuspended:
    why = both("因{reason}，上报功能暂停至{until}：{note}", "Suspended for {reason} until {until}: {note}",
               reason=WHY[found.reason], until=found.until.isoformat() if found.until else OPEN_END, note=found.note)
    appeal = None if found.appealed_at else f"/api/v1/me/suspensions/{found.id}/appeal"
    return ReporterSuspended(why, reason=found.reason, note=found.note, suspended_until=found.until,
                             suspension_id=found.id, appeal=appeal)
