"""Jobs that bring a case to its responders."""

from datetime import datetime
from uuid import UUID

from incident_service import cases
from workers import in_app


@in_app
def dispatch_case(case_id: str) -> None:
    """Give a case to its responders. Safe to repeat: one dispatch per case, part and round."""
    cases.dispatch(UUID(case_id))


@in_app
def look_at_case(case_id: str) -> None:
    """Do what has become due in a case. Safe to repeat: each rung is climbed and each deadline told once."""
    cases.look_at(UUID(case_id))


@in_app
def hand_over_work(account_id: str) -> None:
    """Promise a successor for the open work of somebody who left. Safe to repeat: what was handed over stays so."""
    cases.hand_over_work(UUID(account_id))


@in_app
def hand_over_part(dispatch_id: str) -> None:
    """Give a leaver's part to whoever comes next. Safe to repeat: a dispatch ends once."""
    cases.hand_over_part(UUID(dispatch_id))


@in_app
def note_seen(dispatch_id: str, seen_at: str) -> None:
    """Note on a dispatch that its notification was seen. Safe to repeat: the first time counts."""
    cases.note_seen(UUID(dispatch_id), seen_at=datetime.fromisoformat(seen_at))


@in_app
def move_some_due(by_id: str, calendar_version: str, note: str, beyond: str | None) -> None:
    """Reckon a batch of open deadlines by a changed calendar. Safe to repeat: a deadline that is right stays."""
    cases.move_some_due(by_id=UUID(by_id), calendar_version=calendar_version, note=note,
                        beyond=UUID(beyond) if beyond else None)


@in_app
def pass_on_decisions(case_id: str) -> None:
    """Put what waits for the decision of somebody who left before somebody else. Safe to repeat: a decider who serves
    stays, and nobody is told twice."""
    cases.pass_on_decisions(UUID(case_id))
