"""Once many cases have changed at once, as by an import, answers read them afresh for two minutes at most."""

from importlib import import_module
from uuid import UUID

from sqlalchemy import delete, select, update

from incident_service.cases import Case, CaseEvent
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.daybook.models import FigureProgress
from tests.supervision.changing import changed, faults, new_case
from tests.supervision.past import expected
from tests.supervision.test_folding import FOLDING, YEAR, answer, some_cases

CHANGES = import_module("incident_service.supervision.daybook.changes")


def two_minutes_pass() -> None:
    """What was written is as old then: an id bears its moment."""
    ago = 2 * 60_000 << 80
    with transaction():
        for event in db.session.scalars(select(CaseEvent).order_by(CaseEvent.id)):
            event.id = UUID(int=event.id.int - ago)
            db.session.flush()
        progress = db.session.get(FigureProgress, 1)
        progress.as_of = UUID(int=progress.as_of.int - ago)


def test_after_a_burst_that_nothing_follows_a_fold_is_due_once_more(app, monkeypatch):
    monkeypatch.setattr(FOLDING, "WAITING_MAX", 3)

    def is_promised() -> bool:
        daybook.fold_soon()
        with transaction():
            return bool(db.session.execute(delete(Promise)).rowcount)

    def read_again() -> int:
        done = db.session.get(FigureProgress, 1, populate_existing=True)
        return len(CHANGES.changes(done, YEAR))

    everything = some_cases()
    assert is_promised() and daybook.fold() and not is_promised()
    assert read_again() == len(everything)                      # a moment ago is not long enough
    two_minutes_pass()
    assert read_again() == len(everything) and is_promised()
    assert daybook.fold() and read_again() == 0 and not is_promised()
    two_minutes_pass()
    for case in everything[:2]:                                 # fewer than are worth it
        changed(case, closed_at=case.opened_at)
    daybook.fold(), two_minutes_pass()
    assert read_again() == 2 and not is_promised()
    assert faults() == [] and answer() == expected(everything)


def test_what_has_changed_since_hides_no_other_fault_of_its_day(app):
    case, other = (new_case(closed=each) for each in (5, 7))
    daybook.fold()
    assert faults() == []
    with transaction():
        db.session.execute(update(Case).where(Case.id == other.id).values(category="other"))
    changed(case, closed_at=None)
    with transaction():                                         # the other's history says nothing of it
        db.session.execute(delete(CaseEvent).where(CaseEvent.case_id == other.id))
    assert faults() == [str(case.opened_at.date())]
