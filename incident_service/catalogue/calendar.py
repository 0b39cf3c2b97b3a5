"""The working calendar: in which hours of which days working time runs. Pure facts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from incident_service.foundation.words import Words, both

SATURDAY = 5
DAY = timedelta(days=1)
HOLIDAY_DAYS_MAX = 15


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
class Holiday:
    """A stretch of days off, both ends included."""

    name: str
    begins: date
    ends: date

    def days(self) -> Iterator[date]:
        """Each of its days."""
        return (self.begins + number * DAY for number in range((self.ends - self.begins).days + 1))


@dataclass(frozen=True)
class Year:
    """The published arrangement of one year: days off, and days that are worked instead (调休上班)."""

    year: int
    source: str
    holidays: tuple[Holiday, ...]
    make_up: tuple[date, ...]


class Fault(NamedTuple):
    """What cannot be in an arrangement, and in which part of it."""

    part: str
    says: Words


class Count(NamedTuple):
    """What lies between two moments: slots and working time that ran, days that did not count, days made up."""

    slots: int
    working_time: timedelta
    holidays: dict[str, int]
    weekend_days: int
    make_up_days: int


@dataclass(frozen=True)
class WorkingCalendar:
    """Slots, public holidays and make-up days of an installation, as of one version."""

    zone: ZoneInfo
    slots: tuple[Slot, ...]
    years: Mapping[int, Year]
    version: str = ""

    @cached_property
    def holidays(self) -> dict[date, str]:
        """Every day off, by what it is called."""
        return {day: each.name for year in self.years.values() for each in year.holidays for day in each.days()}

    @cached_property
    def make_up_days(self) -> frozenset[date]:
        """Every day that is worked though it lies on a weekend."""
        return frozenset(day for year in self.years.values() for day in year.make_up)

    @property
    def day_length(self) -> timedelta:
        """How much working time a working day has (1 工作日)."""
        return sum((slot.length for slot in self.slots), timedelta())

    def is_working_day(self, day: date) -> bool:
        """Whether people work on this day: a weekday that is no holiday, or a make-up day."""
        return day in self.make_up_days or (day.weekday() < SATURDAY and day not in self.holidays)

    def is_provisional(self, moment: datetime) -> bool:
        """Whether the moment lies in a year whose holidays are not known: only its weekdays are."""
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

    def count(self, *stretches: tuple[datetime, datetime]) -> Count:
        """What lies in stretches of time between aware moments, a day that several of them touch counted once."""
        pieces = [min(ends, end) - begins for start, end in stretches
                  for begins, ends in self._slots_after(start, until=end) if begins < end]
        days = {day for stretch in stretches for day in self._days(*stretch)}
        free = [day for day in sorted(days) if not self.is_working_day(day)]
        return Count(
            slots=len(pieces), working_time=sum(pieces, timedelta()),
            holidays=dict(Counter(self.holidays[day] for day in free if day in self.holidays)),
            weekend_days=sum(day not in self.holidays for day in free),
            make_up_days=sum(day in self.make_up_days for day in days))

    def _days(self, start: datetime, end: datetime) -> Iterator[date]:
        first, last = (moment.astimezone(self.zone).date() for moment in (start, end))
        return (first + number * DAY for number in range((last - first).days + 1))

    def _slots_after(self, start: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """What is left of each slot from `start` on, in UTC."""
        day = start.astimezone(self.zone).date()
        last = until.astimezone(self.zone).date() if until else date.max - DAY
        start = start.astimezone(UTC)
        while day <= last:
            for slot in self.slots if self.is_working_day(day) else ():
                begins, ends = self._utc(day, slot.begins), self._utc(day, slot.ends)
                if start < ends:
                    yield max(start, begins), ends
            day += DAY

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def faults_of_year(year: Year) -> Iterator[Fault]:
    """What cannot be in the arrangement of a year, whoever wrote it."""
    if any(not each.begins <= each.ends < each.begins + HOLIDAY_DAYS_MAX * DAY for each in year.holidays):
        yield Fault("holidays", both("一个假期为 1 至 {days} 天", "A holiday lasts 1 to {days} days.",
                                     days=HOLIDAY_DAYS_MAX))
        return
    off = {day for each in year.holidays for day in each.days()}
    if any(day.year != year.year for day in off):
        yield Fault("holidays", both("所有日期须在 {year} 年内", "Every day must lie in {year}.", year=year.year))
    if any(day.year != year.year for day in year.make_up):
        yield Fault("make_up", both("所有日期须在 {year} 年内", "Every day must lie in {year}.", year=year.year))
    if wrong := [day for day in year.make_up if day.weekday() < SATURDAY or day in off]:
        yield Fault("make_up", both("{day} 不能是调休上班日", "{day} is no day that could be made up on.",
                                    day=wrong[0]))


def faults_of_slots(slots: tuple[Slot, ...]) -> Iterator[Fault]:
    """What cannot be in the slots of a day."""
    moments = [moment for slot in slots for moment in (slot.begins, slot.ends)]
    if any(earlier > later for earlier, later in pairwise(moments)) or any(
            slot.begins >= slot.ends for slot in slots):
        yield Fault("slots", both("时段须依次相接、不可重叠", "The slots must follow one another."))
