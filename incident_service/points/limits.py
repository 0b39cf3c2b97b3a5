"""Caps by day and month, and decay by place: what is left of a thanks when much was given before."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased

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
        for row in db.session.execute(_given_since(list(account_ids), day.replace(day=1), day, place)):
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


def _given_since(account_ids: list[UUID], month: datetime, day: datetime,
                 place: str | None) -> Select[*tuple[Any, ...]]:
    correction = aliased(Transfer)
    return (
        select(Transfer.to_id, Transfer.reason, func.sum(Transfer.amount).label("month"),
               func.sum(case((Transfer.at >= day, Transfer.amount), else_=0)).label("day"),
               func.sum(case((and_(Transfer.place.is_not(None), Transfer.place == place), 1), else_=0)).label("times"))
        .where(Transfer.to_id.in_(account_ids), Transfer.at >= month, Transfer.reason.in_(list(Reason)),
               ~exists().where(correction.corrects_id == Transfer.id))
        .group_by(Transfer.to_id, Transfer.reason))
