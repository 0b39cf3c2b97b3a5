"""Asking for the weekly report, and no longer."""

from sqlalchemy import delete, select

from incident_service.accounts import Account
from incident_service.foundation.database import db
from incident_service.foundation.inserting import insert_if_absent
from incident_service.foundation.transaction import for_update, transaction
from incident_service.supervision.weekly.models import WeeklySubscription
from incident_service.supervision.weekly.weeks import this_week


def subscribe(*, by: Account, language: str) -> WeeklySubscription:
    """Send `by` a report of each week, beginning with the one that runs. Safe to repeat: only the language changes."""
    with transaction():
        insert_if_absent(WeeklySubscription.__table__, account_id=by.id, language=language,    # type: ignore[arg-type]
                         next_week=this_week())
        found = db.session.scalars(for_update(
            select(WeeklySubscription).where(WeeklySubscription.account_id == by.id))).one()
        found.language = language
        return found


def unsubscribe(*, by: Account) -> None:
    """Send `by` no more reports; those that were made stay. Safe to repeat."""
    with transaction():
        db.session.execute(delete(WeeklySubscription).where(WeeklySubscription.account_id == by.id))


def subscription_of(account: Account) -> WeeklySubscription | None:
    """What somebody asked for."""
    return db.session.get(WeeklySubscription, account.id)
