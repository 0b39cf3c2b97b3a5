"""Caps by day and month, and decay by place: what is left of a thanks when much was given before."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import String, Table, bindparam, case, exists, func, select

from incident_service.foundation.database import db
from incident_service.foundation.words import Words, both
from incident_service.points.days import today
from incident_service.points.models import Reason, Transfer
from incident_service.points.tariff import Period, Tariff

CAP_WORDS = {
    Period.DAY: both("达到每日上限 {points} 分", "the daily cap of {points} is reached"),
    Period.MONTH: both("达到每月上限 {points} 分", "the monthly cap of {points} is reached"),
}
DECAY_WORDS = both("同一地点本月第 {nth} 次 {percent}%", "time {nth} this month at the same place, {percent}%")

ENTRIES = cast(Table, Transfer.__table__)
CORRECTIONS = ENTRIES.alias()
GIVEN_SINCE = (                                             # built once, not with each award
    select(ENTRIES.c.to_id, ENTRIES.c.reason, func.sum(ENTRIES.c.amount).label("month"),
           func.sum(case((ENTRIES.c.at >= bindparam("day"), ENTRIES.c.amount), else_=0)).label("day"),
           func.sum(case((ENTRIES.c.place == bindparam("place", type_=String), 1), else_=0)).label("times"))
    .where(ENTRIES.c.to_id.in_(bindparam("accounts", expanding=True)), ENTRIES.c.at >= bindparam("month"),
           ENTRIES.c.reason.in_(list(Reason)), ~exists().where(CORRECTIONS.c.corrects_id == ENTRIES.c.id))
    .group_by(ENTRIES.c.to_id, ENTRIES.c.reason))


class Limited(NamedTuple):
    """What is left, and the code and words of each rule that took something."""

    points: int
    because: list[tuple[str, Words]]


class Earned:
    """What some persons were given since this month began, and not taken back. Their accounts must be locked, so that
    nobody is given more meanwhile; what is given next is to be added."""

    def __init__(self, account_ids: Iterable[UUID], place: str | None) -> None:
        self.sums: Counter[tuple[UUID, Period, str]] = Counter()
        self.times: Counter[tuple[UUID, str]] = Counter()
        day = today()
        since = {"accounts": list(account_ids), "month": day.replace(day=1), "day": day, "place": place}
        for row in db.session.execute(GIVEN_SINCE, since):
            self._count(row.to_id, row.reason, row.month, row.day, row.times)

    def _count(self, account_id: UUID, reason: str, month: int, day: int, times: int) -> None:
        self.sums[account_id, Period.MONTH, reason] += month
        self.sums[account_id, Period.DAY, reason] += day
        self.times[account_id, reason] += times

    def limit(self, account_id: UUID, reason: str, points: int, tariff: Tariff) -> Limited:
        """What the tariff's decay and caps leave of `points`, which then count as given."""
        because: list[tuple[str, Words]] = []
        for decay in tariff.decays:
            nth = 1 + sum(self.times[account_id, each] for each in decay.reasons)
            if reason in decay.reasons and nth >= decay.nth:
                points = points * decay.percent // 100
                because.append(("place_again", both(DECAY_WORDS.zh, DECAY_WORDS.en, nth=nth, percent=decay.percent)))
                break
        for cap in tariff.caps:
            left = cap.points - sum(self.sums[account_id, cap.period, each] for each in cap.reasons)
            if reason in cap.reasons and left < points:
                points = max(left, 0)
                words = CAP_WORDS[cap.period]
                because.append((f"cap_{cap.period}", both(words.zh, words.en, points=cap.points)))
        self._count(account_id, reason, points, points, 1)
        return Limited(points, because)
