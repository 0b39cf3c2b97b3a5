"""Whether somebody may report at a place: who is suspended there is told why, until when, and how to appeal."""

from sqlalchemy import bindparam, or_, select

from incident_service import accounts
from incident_service.accounts import Account
from incident_service.cases.reporters.suspension_models import Misconduct, ReporterSuspension, Ruling
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import Forbidden
from incident_service.foundation.words import both

WHY = {
    Misconduct.FALSE_REPORTS: both("多次虚假上报", "untrue reports"),
    Misconduct.FORGED_PICTURES: both("使用伪造或盗用的照片", "forged or borrowed pictures"),
    Misconduct.ABUSE: both("辱骂或威胁他人", "abuse or threats"),
    Misconduct.SPAM: both("恶意或重复上报", "malicious or repeated reports"),
    Misconduct.OTHER: both("违反上报规则", "a breach of the rules of reporting"),
}
OPEN_END = both("另行通知", "further notice")
IN_FORCE = select(ReporterSuspension).where(
    ReporterSuspension.reporter_id == bindparam("reporter_id"),
    or_(ReporterSuspension.until.is_(None), ReporterSuspension.until > bindparam("now")),
    ReporterSuspension.ruling.is_distinct_from(Ruling.LIFTED)).order_by(ReporterSuspension.begins_at.desc())


class ReporterSuspended(Forbidden):
    """Whoever is suspended may sign in, read and appeal, but neither report nor join nor have a case reopened."""
    slug, title = "reporter-suspended", both("您的上报功能已被暂停", "You may not report for the time being")


def check_may_report(account: Account, area_code: str | None) -> None:
    """Raises ReporterSuspended for whoever may not report in this area now."""
    for each in db.session.scalars(IN_FORCE, {"reporter_id": account.id, "now": clock.now()}).all():
        if area_code is None or accounts.reaches(each.area_code, area_code):
            raise _refusal(each)


def _refusal(found: ReporterSuspension) -> ReporterSuspended:
    why = both("因{reason}，上报功能暂停至{until}：{note}", "Suspended for {reason} until {until}: {note}",
               reason=WHY[found.reason], until=found.until.isoformat() if found.until else OPEN_END, note=found.note)
    appeal = None if found.appealed_at else f"/api/v1/me/suspensions/{found.id}/appeal"
    return ReporterSuspended(why, reason=found.reason, note=found.note, suspended_until=found.until,
                             suspension_id=found.id, appeal=appeal)
