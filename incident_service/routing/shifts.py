"""When a shift runs: weekdays and local times, also across midnight. No database, no Flask."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
EVERY_DAY = 0b111_1111


@dataclass(frozen=True, slots=True)
class Shift:
    """On which weekdays (bit 0: Monday) a shift begins, from which minute of the day to which, from which day on.

    An end at or before the beginning lies on the next day.
    """

    weekdays: int
    begins_minute: int
    ends_minute: int
    from_on: date
    to_on: date | None = None

    def runs_at(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether the shift runs at an aware moment. The minute of its end does not belong to it."""
        today = moment.astimezone(zone).date()
        return any(begins <= moment < ends for begins, ends in self.runs(today - DAY, today, zone))

    def runs(self, first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """From when to when it runs, in UTC, for each day from `first` to `last` on which it begins."""
        day, last = max(first, self.from_on), min(last, self.to_on or last)
        later = DAY if self.ends_minute <= self.begins_minute else timedelta()
        while day <= last:
            if self.weekdays >> day.weekday() & 1:
                yield _moment(day, self.begins_minute, zone), _moment(day + later, self.ends_minute, zone)
            day += DAY


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(*divmod(minute, 60)), zone).astimezone(UTC)
