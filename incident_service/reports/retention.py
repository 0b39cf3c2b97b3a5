"""Forgetting what a report says of a person, when its time has come. All of it inside the caller's transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, update

from incident_service.foundation.database import db
from incident_service.foundation.transaction import current_unit
from incident_service.reports.models import Report

DIGITS = 2                                          # of a degree: about a kilometre
PLACES = ("longitude", "latitude", "received_longitude", "received_latitude")


def blur(case_id: UUID) -> None:
    """Round every position of the reports of a case. Safe to repeat."""
    _change(case_id, **{name: func.round(getattr(Report, name) * 10**DIGITS) / 10.0**DIGITS for name in PLACES})


def silence(case_id: UUID) -> None:
    """Erase the words of the reports of a case. Safe to repeat."""
    _change(case_id, description="", address="")


def give_to(case_id: UUID, reporter_id: UUID, nobody_id: UUID) -> None:
    """Let nobody have sent what somebody reported of a case. Safe to repeat."""
    _change(case_id, Report.reporter_id == reporter_id, reporter_id=nobody_id)


def _change(case_id: UUID, *which: ColumnElement[bool], **values: Any) -> None:
    current_unit()
    db.session.execute(update(Report).where(Report.case_id == case_id, *which).values(values)
                       .execution_options(synchronize_session=False))
