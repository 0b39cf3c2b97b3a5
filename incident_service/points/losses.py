"""What each entry lost when points expired, and where that lies.

The oldest points are spent first. So what expires is the newest of what was there and no run of expiry before it took.
"""

from collections import Counter
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from incident_service.foundation.ready import Question
from incident_service.points.days import start_of_year
from incident_service.points.models import PointsAccount, Reason, Transfer, Turn

CORRECTION = aliased(Transfer)
EARNED = Question(
    select(Transfer.id, Transfer.reference, PointsAccount.holder_key, Transfer.amount, Transfer.at, CORRECTION.at)
    .join(PointsAccount, PointsAccount.id == Transfer.from_id)
    .outerjoin(CORRECTION, CORRECTION.corrects_id == Transfer.id)
    .where(Transfer.to_id == bindparam("id"), Transfer.reason.in_(list(Reason)), Transfer.at < bindparam("before"))
    .order_by(Transfer.at.desc(), Transfer.id.desc()))
RUNS = Question(
    select(Transfer.reference, func.sum(Transfer.amount), func.min(Transfer.at))
    .where(Transfer.from_id == bindparam("id"), Transfer.reason == Turn.EXPIRY)
    .group_by(Transfer.reference).order_by(func.min(Transfer.at)))
KEPT = [
    (Question(
        select(PointsAccount.holder_key, func.sum(Transfer.amount)).join(PointsAccount, PointsAccount.id == bin_)
        .where(owner == bindparam("id"), Transfer.reason == reason).group_by(PointsAccount.holder_key)), sign)
    for reason, owner, bin_, sign in ((Turn.EXPIRY, Transfer.from_id, Transfer.to_id, 1),
                                      (Turn.EXPIRY_UNDONE, Transfer.to_id, Transfer.from_id, -1))]


class Run(NamedTuple):
    """Points of one person that expired at one moment: how many of those of a year and before."""

    through: int
    points: int
    at: datetime


class Earned(NamedTuple):
    """An entry by which somebody earned something: from which community's fund, and when it was taken back."""

    id: UUID
    reference: str
    community: str
    amount: int
    at: datetime
    taken_back_at: datetime | None

    def was_there(self, run: Run) -> bool:
        """Whether a run could take of it."""
        return self.at < start_of_year(run.through + 1) and (self.taken_back_at is None or self.taken_back_at > run.at)


def of(account_id: UUID, *planned: Run) -> list[Counter[Earned]]:
    """What each entry lost, run by run, in those that were and those that are planned. The account must be locked."""
    runs = [*_runs_of(account_id), *planned]
    earned = _earned_by(account_id, max(run.through for run in runs)) if runs else []
    gone, losses = Counter[Earned](), []
    for run in runs:
        lost, left = Counter[Earned](), run.points
        for each in earned:
            if each.was_there(run) and (share := min(each.amount - gone[each], left)):
                lost[each] = share
                left -= share
        gone += lost
        losses.append(lost)
    return losses


def kept_of(account_id: UUID) -> Counter[str]:
    """How much of what expired of a person's still lies where it went, by community. Not always in the one of whose
    fund it was: a run once took no notice of those before it."""
    kept: Counter[str] = Counter()
    for question, sign in KEPT:
        kept.update({community: sign * int(points) for community, points in question.ask(id=account_id)})
    return kept


def _earned_by(account_id: UUID, through: int) -> list[Earned]:
    """By the end of a year, the newest first."""
    rows = EARNED.ask(id=account_id, before=start_of_year(through + 1))
    return [Earned(id, reference, fund.partition("/")[0], amount, at, taken_back_at)
            for id, reference, fund, amount, at, taken_back_at in rows]


def _runs_of(account_id: UUID) -> list[Run]:
    """In the order they were."""
    return [Run(int(reference.partition("/")[0]), int(points), at) for reference, points, at in RUNS.ask(id=account_id)]
