"""What was changed in rosters, by whom and when: written with every change, never edited."""

from typing import Any
from uuid import UUID

from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.routing.models import RosterChange, RosterEntry, ShiftDone

CONTENT = ("account_id", "step", "shift", "weekdays", "begins_minute", "ends_minute", "from_on", "to_on")


def content_of(entry: RosterEntry) -> dict[str, Any]:
    """What an entry says of its post, as it is kept."""
    facts = {name: getattr(entry, name) for name in CONTENT}
    return {name: value if value is None or isinstance(value, int) else str(value) for name, value in facts.items()}


def write(entry: RosterEntry, done: ShiftDone, *, by_id: UUID | None, before: dict[str, Any] | None = None) -> None:
    """Keep what an entry says now, or said last. Must be called in the transaction that changes it."""
    db.session.add(RosterChange(
        id=new_id(), entry_id=entry.id, area_code=entry.area_code, role=entry.role, kind=entry.kind, done=done,
        before=before, content=content_of(entry), by_id=by_id, at=clock.now()))
