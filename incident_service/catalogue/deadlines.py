"""When a case must be rectified, and how that was reckoned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from incident_service.catalogue.calendar import Count, WorkingCalendar
from incident_service.catalogue.categories import FilingCondition, Unit

Pause = tuple[datetime, datetime]                           # from when to when a clock stands still
RUNS_ON = (Unit.URGENT_HOURS, Unit.URGENT_DAYS)             # through nights and holidays


@dataclass(frozen=True)
class Deadline:
    """A deadline, and all it rests on. `counted` is None where the clock runs through nights and holidays; `pauses`
    are those in which it stood still."""

    starts_at: datetime
    due_at: datetime
    unit: Unit
    counted: Count | None
    is_provisional: bool
    calendar_version: str
    pauses: tuple[Pause, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as plain words and numbers, to be kept with the case."""
        facts = {"starts_at": self.starts_at.astimezone(UTC).isoformat(), "due_at": self.due_at.isoformat(),
                 "unit": str(self.unit), "is_provisional": self.is_provisional,
                 "calendar_version": self.calendar_version}
        if self.pauses:
            facts["pauses"] = [{"from": begins.isoformat(), "to": ends.isoformat()} for begins, ends in self.pauses]
        if self.counted is None:
            return facts
        counted = self.counted._asdict() | {"working_minutes": round(self.counted.working_time.total_seconds() / 60)}
        return facts | {name: value for name, value in counted.items() if name != "working_time"}


def length(condition: FilingCondition, *, calendar: WorkingCalendar) -> timedelta:
    """How much time a condition allows, in the sort of time its unit counts."""
    match condition.unit:
        case Unit.URGENT_HOURS | Unit.WORKING_HOURS:
            return timedelta(hours=condition.limit)
        case Unit.URGENT_DAYS:
            return timedelta(days=condition.limit)
        case Unit.WORKING_DAYS:
            return condition.limit * calendar.day_length


def run(unit: Unit, starts_at: datetime, span: timedelta, *, calendar: WorkingCalendar) -> datetime:
    """The moment (UTC) at which `span`, more than none, of the unit's sort of time has run since `starts_at`."""
    return starts_at.astimezone(UTC) + span if unit in RUNS_ON else calendar.add(starts_at, span)


def left(unit: Unit, now: datetime, due_at: datetime, *, calendar: WorkingCalendar) -> timedelta:
    """How much of the unit's sort of time is left until `due_at`; none when it has passed."""
    if due_at <= now:
        return timedelta()
    return due_at - now if unit in RUNS_ON else calendar.count((now, due_at)).working_time


def reckon(unit: Unit, starts_at: datetime, span: timedelta, *, calendar: WorkingCalendar,
           pauses: Iterable[Pause] = ()) -> Deadline:
    """The deadline after so much of the unit's sort of time, and how it came about.

    The clock stands still in `pauses` (in order, none within another); one that begins when all of the time has run
    changes nothing.
    """
    since, remains, stretches, stood = starts_at, span, [], []
    for began, ends in pauses:
        begins = max(began, since)
        if ends <= begins:
            continue
        if run(unit, since, remains, calendar=calendar) <= begins:
            break
        remains -= left(unit, since, begins, calendar=calendar)
        stretches.append((since, begins))
        stood.append((begins, ends))
        since = ends
    due_at = run(unit, since, remains, calendar=calendar)
    counted = None if unit in RUNS_ON else calendar.count(*stretches, (since, due_at))
    return Deadline(starts_at, due_at, unit, counted, unit not in RUNS_ON and calendar.is_provisional(due_at),
                    calendar.version, tuple(stood))


def rectify_due_at(condition: FilingCondition, pushed_at: datetime, *, calendar: WorkingCalendar) -> datetime:
    """When a case must be rectified, in UTC.

    `pushed_at` is aware: the clock starts at the push, not at 签收. 紧急工作时 and 紧急工作日 run through nights and
    holidays; 工作时 and 工作日 count only in the working calendar's slots.
    """
    return run(condition.unit, pushed_at, length(condition, calendar=calendar), calendar=calendar)
