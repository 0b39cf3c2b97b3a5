"""Weeks of the installation, Monday to Sunday, each named by its Monday."""

from datetime import date, datetime, timedelta

from flask import current_app

from incident_service.foundation import clock
from incident_service.supervision.daybook.days import A_DAY, span_of
from incident_service.supervision.periods import Period, installation_zone

A_WEEK = 7 * A_DAY


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - day.weekday() * A_DAY


def this_week() -> date:
    """The week that runs."""
    return week_of(_now().date())


def last_to_report() -> date:
    """The last week whose report is due: it is made on the Monday after, from WEEKLY_REPORT_HOUR on the wall."""
    return week_of((_now() - timedelta(hours=current_app.config["WEEKLY_REPORT_HOUR"])).date()) - A_WEEK


def period_of_week(week: date) -> Period:
    """From Monday's first moment to the next Monday's."""
    return span_of(week, week + A_WEEK)


def _now() -> datetime:
    return clock.now().astimezone(installation_zone()).replace(tzinfo=None)
