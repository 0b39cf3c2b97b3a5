"""Making the weekly reports that are due, and telling those who asked for them."""

from datetime import date
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select

from incident_service import accounts, notifications
from incident_service.accounts import Account
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_if_absent
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import NotFound
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message
from incident_service.supervision.scope import Scope, scope_of
from incident_service.supervision.weekly.content import gathered
from incident_service.supervision.weekly.models import WeeklyReport, WeeklySubscription
from incident_service.supervision.weekly.paper import print_week
from incident_service.supervision.weekly.weeks import A_WEEK, last_to_report

REPORT = "/api/v1/supervision/weekly-reports/{id}/report.pdf"
TITLE = both("督查周报已生成：{first} 至 {last}", "Your weekly report is ready: {first} to {last}")


def owe_weekly_reports() -> int:
    """Promise a report of every week that has ended and that a subscriber was not promised yet; how many that were.

    Safe to repeat, and by several at once: a week is promised in the transaction that moves the subscription on. After
    a standstill the weeks that were missed are promised too.
    """
    last = last_to_report()
    _forget_old()
    behind = db.session.scalars(select(WeeklySubscription.account_id).where(WeeklySubscription.next_week <= last)).all()
    return sum(_owe(account_id, last) for account_id in behind)


def _owe(account_id: UUID, last: date) -> int:
    with transaction():
        found = db.session.scalars(for_update(
            select(WeeklySubscription).where(WeeklySubscription.account_id == account_id))).one_or_none()
        owed = 0
        while found is not None and found.next_week <= last:
            enqueue("workers.supervision.make_weekly_report", account_id=str(account_id),
                    week=found.next_week.isoformat())
            found.next_week += A_WEEK
            owed += 1
        return owed


def _forget_old() -> None:
    with transaction():
        db.session.execute(delete(WeeklyReport).where(
            WeeklyReport.made_at < clock.now() - current_app.config["WEEKLY_REPORT_KEEP"]))


def make_weekly_report(account_id: UUID, week: date) -> None:
    """Make somebody's report of a week, and tell them where it is. Safe to repeat: there is one for a person and week.

    Nothing is made for who does not want it any more, or looks over nothing.
    """
    account, wish = accounts.find(account_id), db.session.get(WeeklySubscription, account_id)
    scope = scope_of(account)
    if wish is None or not account.is_active or not scope.areas or _is_made(account_id, week):
        return
    found, language = gathered(scope, week), wish.language
    pdf, id = print_week(found, language), new_id()
    with transaction():
        if insert_if_absent(WeeklyReport.__table__, id=id, account_id=account_id, week=week,    # type: ignore[arg-type]
                            areas=scope.areas, made_at=found.at, pdf=pdf):
            title = both(TITLE.zh, TITLE.en, first=week, last=found.last_day)
            notifications.tell([Message(account_id, Kind.WEEKLY_REPORT, week.isoformat(), "", title,
                                        REPORT.format(id=id))])


def _is_made(account_id: UUID, week: date) -> bool:
    theirs = (WeeklyReport.account_id == account_id) & (WeeklyReport.week == week)
    return db.session.scalar(select(WeeklyReport.id).where(theirs)) is not None


def reports_of(account: Account) -> list[WeeklyReport]:
    """The reports somebody may still read, the latest week first: those about areas that they look over today."""
    scope = scope_of(account)
    theirs = select(WeeklyReport).where(WeeklyReport.account_id == account.id).order_by(WeeklyReport.week.desc())
    return [each for each in db.session.scalars(theirs) if _is_within(each, scope)]


def read_report(id: UUID, *, by: Account) -> WeeklyReport:
    """One of `by`'s own reports. Raises NotFound, also when it is about areas that `by` looks over no more."""
    found = db.session.get(WeeklyReport, id)
    if found is None or found.account_id != by.id or not _is_within(found, scope_of(by)):
        raise NotFound()
    return found


def _is_within(report: WeeklyReport, scope: Scope) -> bool:
    return all(code in (scope.areas or []) or scope.holds(code) for code in report.areas)
