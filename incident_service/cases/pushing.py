"""Is pushing delayed? Asked of the database alone: it is seen also when Redis, workers or the scheduler are away."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, func, select

from incident_service.accounts import Account
from incident_service.cases import access
from incident_service.cases.models import Case
from incident_service.cases.workflow import Status
from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.words import Words, both

LOOK = "workers.routing.look_at_case"
LOOK_LATE = timedelta(seconds=5)
CASES_AT_ONCE = 1_000                               # variables in one statement


class Pushing(NamedTuple):
    """How pushing goes: cases not pushed yet and those of them that wait too long, cases whose next step by the
    platform is late, and jobs owed to everybody, which who sees but a part of the city is not told; ages in seconds, 0
    when there are none."""

    waiting: int
    delayed: int
    oldest_s: int
    steps_late: int
    jobs_owed: int | None
    oldest_job_s: int | None

    @property
    def is_delayed(self) -> bool:
        """Whether the desk must reckon with it."""
        return self.delayed > 0 or self.steps_late > 0

    @property
    def text(self) -> Words:
        """The same for the desk's screen."""
        if not self.is_delayed:
            return both("推送正常", "Pushing goes as it should")
        return both(
            "推送延迟：{delayed} 件案卷未按时推送，最久已等 {oldest} 秒；{steps} 件到时未处理；均已保存，将自动补推",
            "Pushing is delayed: {delayed} cases wait, the longest {oldest} s; {steps} steps are late. "
            "All are kept and go out by themselves",
            delayed=self.delayed, oldest=self.oldest_s, steps=self.steps_late)


def pushing(*, by: Account) -> Pushing:
    """How pushing goes for the cases that `by` may see."""
    now = clock.now()
    count, oldest = db.session.execute(select(func.count(), func.min(Case.opened_at)).where(
        Case.status == Status.DISPATCHING, access.visible_to(by))).one()
    delayed = db.session.scalar(select(func.count()).where(is_delayed(), access.visible_to(by))) or 0
    unfound = db.session.scalar(select(func.count()).where(
        Case.wakes_at < now - LOOK_LATE, access.visible_to(by))) or 0
    owed = outbox.backlog() if access.sees_the_city(by) else None
    return Pushing(count, delayed, int((now - oldest).total_seconds()) if oldest else 0,
                   unfound + _undone(now - _patience(), by), owed and owed.open, owed and int(owed.oldest_s))


def _undone(since: datetime, by: Account) -> int:
    """Steps that were found and promised long ago, and that no worker has taken yet, of the cases `by` may see."""
    arguments = db.session.scalars(select(Promise.arguments).where(
        Promise.job == LOOK, Promise.failed_at.is_(None), Promise.created_at < since))
    ids = sorted({UUID(each["case_id"]) for each in arguments})
    return sum(db.session.scalar(select(func.count()).select_from(Case).where(
        Case.id.in_(ids[first:first + CASES_AT_ONCE]), access.visible_to(by))) or 0
        for first in range(0, len(ids), CASES_AT_ONCE))


def is_delayed() -> ColumnElement[bool]:
    """The condition on cases that should have been pushed by now."""
    return (Case.status == Status.DISPATCHING) & (Case.opened_at < clock.now() - _patience())


def delayed_s(case: Case) -> int | None:
    """For how many seconds a case has waited to be pushed, when that is too long."""
    waited = clock.now() - case.opened_at
    return int(waited.total_seconds()) if case.status is Status.DISPATCHING and waited > _patience() else None


def _patience() -> timedelta:
    return timedelta(seconds=current_app.config["PUSH_DELAYED_S"])
