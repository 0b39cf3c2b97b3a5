"""How many cases wait for a person at a desk: a figure that monitors raise an alarm on."""

from collections.abc import Mapping

from sqlalchemy import func, select

from incident_service.cases.models import Case
from incident_service.cases.workflow import Status
from incident_service.foundation.database import db

AT_A_DESK = (Status.UNROUTABLE, Status.RETURNED)


def waiting_at_desks() -> Mapping[str, int]:
    """How many cases found nobody, and how many were given back; each named also when there is none."""
    rows = db.session.execute(
        select(Case.status, func.count()).where(Case.status.in_(AT_A_DESK)).group_by(Case.status))
    found = dict(rows.all())
    return {str(status): found.get(status, 0) for status in AT_A_DESK}
