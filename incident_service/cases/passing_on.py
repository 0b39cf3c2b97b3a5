"""Who leaves while something waits for their decision: it is put before somebody else."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from incident_service import accounts, notifications
from incident_service.accounts import Role
from incident_service.cases import access, disputes, petitioning
from incident_service.cases.models import Case, Dispute
from incident_service.cases.petition_models import Petition
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.notifications import Kind, Message


def waiting_for(account_id: UUID) -> set[UUID]:
    """The cases in which somebody was asked to decide, and nobody has yet."""
    disputed = db.session.scalars(select(Dispute.case_id).where(
        Dispute.decider_id == account_id, Dispute.decided_at.is_(None)))
    asked = {str(id): case_id for id, case_id in db.session.execute(
        select(Petition.id, Petition.case_id).where(Petition.decided_at.is_(None)))}
    told = notifications.told(Kind.TO_APPROVE, asked)
    return {*disputed, *(asked[reference] for person_id, reference in told if person_id == account_id)}


def pass_on_decisions(case_id: UUID) -> None:
    """Put a dispute whose decider serves there no more before another named person, and tell whoever may now decide
    about an open request.

    Safe to repeat: a decider who serves stays, and nobody is told twice.
    """
    with transaction():
        case = access.locked(case_id)
        notifications.tell([*_dispute(case), *petitioning.to_approve(case)])


def _dispute(case: Case) -> Iterator[Message]:
    found = disputes.dispute_of(case)
    if found and not found.decided_at and not _serves(found.decider_id, case):
        yield from disputes.put_before_another(case, found)


def _serves(decider_id: UUID, case: Case) -> bool:
    person = accounts.find(decider_id)
    return person.is_active and access.reaches(person, case, Role.SUPERVISOR, Role.DESK)
