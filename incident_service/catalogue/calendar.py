"""The working calendar: in which hours of which days working time runs. Pure facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """A stretch of a working day, in local time."""

    begins: time
    ends: time

    @property
    def length(self) -> timedelta:
        """How much working time lies in it."""
        return datetime.combine(date.min, self.ends) - datetime.combine(date.min, self.begins)


@dataclass(frozen=True)
class WorkingCalendar:
    """Slots, public holidays and make-up days of an installation."""

    zone: ZoneInfo
    slots: tuple[Slot, ...]
    holidays: frozenset[date]
    make_up_days: frozenset[date]
    years: frozenset[int]

    @property
    def day_length(self) -> timedelta:
        """How much working time a working day has (1 工作日)."""
        return sum((slot.length for slot in self.slots), timedelta())

    def is_working_day(self, day: date) -> bool:
        """Whether people work on this day: a weekday that is no holiday, or a make-up day."""
        return day in self.make_up_days or (day.weekday() < SATURDAY and day not in self.holidays)

    def is_provisional(self, moment: datetime) -> bool:
        """Whether the moment lies in a year whose holidays are not in the table: only its weekdays are known."""
        return moment.astimezone(self.zone).year not in self.years

    def add(self, start: datetime, working_time: timedelta) -> datetime:
        """The moment (UTC) at which so much working time, more than none, has run since `start` (aware).

        The end of a slot still belongs to it: what is due at 18:00 is not due at 08:00 the next morning.
        """
        left = working_time
        for begins, ends in self._slots_after(start):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        raise OverflowError("The calendar ends before the working time does.")

    def _slots_after(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is left of each slot from `start` on, in UTC."""
        day = start.astimezone(self.zone).date()
        start = start.astimezone(UTC)
        while day < date.max:
            for slot in self.slots if self.is_working_day(day) else ():
                begins, ends = self._utc(day, slot.begins), self._utc(day, slot.ends)
                if start < ends:
                    yield max(start, begins), ends
            day += DAY

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
