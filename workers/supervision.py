"""Jobs of the room supervision."""

from datetime import date
from uuid import UUID

from incident_service import supervision
from workers import in_app


@in_app
def fold() -> None:
    """Bring the daybook of figures up to date. Safe to repeat: days are written from what their cases say by then."""
    supervision.fold_as_promised()


@in_app
def make_weekly_report(account_id: str, week: str) -> None:
    """Make somebody's report of a week and tell them. Safe to repeat: there is one for a person and week."""
    supervision.make_weekly_report(UUID(account_id), date.fromisoformat(week))
