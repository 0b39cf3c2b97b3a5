"""When a case must be rectified."""

from datetime import UTC, datetime, timedelta

from incident_service.catalogue.calendar import WorkingCalendar
from incident_service.catalogue.categories import FilingCondition, Unit


def rectify_due_at(condition: FilingCondition, pushed_at: datetime, *, calendar: WorkingCalendar) -> datetime:
    """When a case must be rectified, in UTC.

    `pushed_at` is aware: the clock starts at the push, not at 签收. 紧急工作时 and 紧急工作日 run through nights and
    holidays; 工作时 and 工作日 count only in the working calendar's slots.
    """
    match condition.unit:
        case Unit.URGENT_HOURS:
            return pushed_at.astimezone(UTC) + timedelta(hours=condition.limit)
        case Unit.URGENT_DAYS:
            return pushed_at.astimezone(UTC) + timedelta(days=condition.limit)
        case Unit.WORKING_HOURS:
            return calendar.add(pushed_at, timedelta(hours=condition.limit))
        case Unit.WORKING_DAYS:
            return calendar.add(pushed_at, condition.limit * calendar.day_length)
