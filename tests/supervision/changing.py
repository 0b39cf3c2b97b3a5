"""Cases that change, as every change does it: with a line of their history; and what the daybook makes of them."""

from uuid import UUID

from sqlalchemy import func, select, update

from incident_service.cases import Case, CaseEvent, Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.daybook.models import FigureDay, FigureSum
from tests.supervision.past import a_past_case


def changed(case: Case, **values) -> None:
    """Change a case, with the line of history that every change writes."""
    with transaction():
        change(case.id, **values)
    db.session.refresh(case)


def change(id: UUID, **values) -> None:
    """The same within a transaction."""
    if values:
        db.session.execute(update(Case).where(Case.id == id).values(**values))
    sequence = (db.session.scalar(select(func.max(CaseEvent.sequence)).where(CaseEvent.case_id == id)) or 0) + 1
    db.session.add(CaseEvent(id=new_id(), case_id=id, sequence=sequence, at=clock.now(), move=Move.CLOSE,
                             by_id=None, status_before=None, status_after=Status.CLOSED, note="", details={}))
    db.session.flush()


def new_case(**clocks) -> Case:
    """A case, and the first line of its history."""
    with transaction():
        case = a_past_case(**clocks)
        change(case.id)
    return case


def faults() -> list[str]:
    """What in the daybook differs from the cases."""
    found: list[str] = []
    assert daybook.verify(found.append)[1] == len(found)
    return found


def what_is_kept() -> list[tuple]:
    """Every page and every sum, bit by bit."""
    db.session.rollback()
    return [tuple(row) for model in (FigureDay, FigureSum) for row in db.session.execute(
        select(model.__table__).order_by(*model.__table__.primary_key))]
