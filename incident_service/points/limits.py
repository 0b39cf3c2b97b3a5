"""Caps by day and month, and decay by place: what is left of a thanks when much was given before."""

from collections import Counter
from typing import NamedTuple
from uuid import UUID

from incident_service.foundation.words import Words, both
from incident_service.points.tariff import Period, Tariff

CAP_WORDS = {
    Period.DAY: both("达到每日上限 {points} 分", "the daily cap of {points} is reached"),
    Period.MONTH: both("达到每月上限 {points} 分", "the monthly cap of {points} is reached"),
}
DECAY_WORDS = both("同一地点本月第 {nth} 次 {percent}%", "time {nth} this month at the same place, {percent}%")


class Limited(NamedTuple):
    """What is left, and the code and words of each rule that took something."""

    points: int
    because: list[tuple[str, Words]]


class Earned:
    """What some persons earned since this month began, and was not taken back. What is given next is to be counted."""

    def __init__(self) -> None:
        self.sums: Counter[tuple[UUID, Period, str]] = Counter()
        self.times: Counter[tuple[UUID, str]] = Counter()

    def count(self, person_id: UUID, reason: str, month: int, day: int, times: int) -> None:
        """Add points of this month, those of today among them, and how often they were for the same place."""
        self.sums[person_id, Period.MONTH, reason] += month
        self.sums[person_id, Period.DAY, reason] += day
        self.times[person_id, reason] += times

    def limit(self, person_id: UUID, reason: str, points: int, tariff: Tariff) -> Limited:
        """What the tariff's decay and caps leave of `points`, which then count as given."""
        because: list[tuple[str, Words]] = []
        for decay in tariff.decays:
            if reason not in decay.reasons:
                continue
            nth = 1 + sum(self.times[person_id, each] for each in decay.reasons)
            if nth >= decay.nth:
                points = points * decay.percent // 100
                because.append(("place_again", both(DECAY_WORDS.zh, DECAY_WORDS.en, nth=nth, percent=decay.percent)))
                break
        for cap in tariff.caps:
            if reason not in cap.reasons:
                continue
            left = cap.points - sum(self.sums[person_id, cap.period, each] for each in cap.reasons)
            if left < points:
                points = max(left, 0)
                words = CAP_WORDS[cap.period]
                because.append((f"cap_{cap.period}", both(words.zh, words.en, points=cap.points)))
        self.count(person_id, reason, points, points, 1)
        return Limited(points, because)
