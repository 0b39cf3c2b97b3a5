"""Promises: a job is promised in the transaction that needs it, handed to a worker after the commit, and
crossed out when it is done. Redis may lose everything; what the database still owes is handed over again."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Index, Row, Table, bindparam, delete, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from config.jobs import JOBS
from incident_service.foundation import clock, logs, metrics
from incident_service.foundation.database import Id, Model, db, new_id
from incident_service.foundation.inserting import insert_row
from incident_service.foundation.problems import Problem, Unavailable
from incident_service.foundation.queues import queues
from incident_service.foundation.ready import Question
from incident_service.foundation.transaction import current_unit, for_update, let_go, transaction

HANDED_FOR = timedelta(seconds=5)
UNKNOWN_FOR = timedelta(minutes=1)
ERROR_CHARACTERS_MAX = 2000
log = structlog.get_logger(__name__)


class Promise(Model):
    """A job that is owed. It leaves the table when it is done; one that cannot be done stays with its error."""

    __tablename__ = "promise"
    __table_args__ = (Index("ix_promise_open", "due_at", postgresql_where=text("failed_at IS NULL"),
                            sqlite_where=text("failed_at IS NULL")),)

    id: Mapped[Id]
    job: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    request_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime]                      # when the sweep looks at it (again)
    attempts: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)


TABLE: Table = Promise.__table__                    # type: ignore[assignment]
IS_OWED = (Promise.id == bindparam("promise_id"), Promise.failed_at.is_(None))
OWED = (Promise.job, Promise.arguments, Promise.request_id)
READ: Question[str, dict[str, Any], str] = Question(select(*OWED).where(*IS_OWED))
TAKE: Question[str, dict[str, Any], str] = Question(delete(TABLE).where(*IS_OWED).returning(*OWED))


def enqueue(job: str, *, after: timedelta | None = None, **arguments: str | int | bool | None) -> None:
    """Promise `job` with JSON scalars as arguments (ids as text), at once or `after` a while. All promises of a
    transaction are written together, as the last thing it does.

    Raises RuntimeError outside a transaction and LookupError for a job that is not in the register.
    """
    unit = current_unit()
    if job not in JOBS:
        raise LookupError(f"{job} is not in the job register.")
    now = clock.now()
    id = new_id()
    unit.gather("promises", first=_write, item={
        "id": id, "job": job, "arguments": arguments, "request_id": logs.request_id(), "created_at": now,
        "due_at": now + (HANDED_FOR if after is None else after), "attempts": 0})
    if after is None:
        unit.gather("promises for now", (str(id), job, arguments), then=_hand_over_quietly)


def _write(promises: list[dict[str, Any]]) -> None:
    for each in promises:
        insert_row(TABLE, **each)


def _hand_over_quietly(owed: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Try the short way to a worker. When Redis is away the sweep will do it."""
    try:
        queues().hand_over(owed)
    except RedisError as error:
        log.warning("promises-wait-for-redis", jobs=[job for _, job, _ in owed], error=str(error))


def sweep(*, batch: int = 500) -> int:
    """Hand over what is due and in nobody's hands; how many that were. Safe to repeat, and by several at once.

    What this version has no job for (it was promised by a newer one, or by one that is gone) waits visibly and holds up
    nothing else. Raises RedisError when Redis is away: the promises then stay due.
    """
    due = db.session.execute(
        select(Promise.id, Promise.job, Promise.arguments)
        .where(Promise.failed_at.is_(None), Promise.due_at <= clock.now())
        .order_by(Promise.due_at).limit(batch)
    ).all()
    let_go()
    if strange := [row for row in due if row.job not in JOBS]:
        _put_off(strange)
        due = [row for row in due if row.job in JOBS]
    if not due:
        return 0
    good = queues().in_good_hands({str(row.id): row.job for row in due})
    owed = [(str(row.id), row.job, row.arguments) for row in due if str(row.id) not in good]
    queues().hand_over(owed)
    with transaction():
        ids = [row.id for row in due]
        free = select(Promise.id).where(Promise.id.in_(ids)).order_by(Promise.id).with_for_update(skip_locked=True)
        db.session.execute(                     # one that is locked is being done: nobody waits for it here
            update(Promise).where(Promise.id.in_(db.session.scalars(free).all()))
            .values(due_at=clock.now() + HANDED_FOR).execution_options(synchronize_session=False)
        )
    return len(owed)


def _put_off(strange: Iterable[Row[Any]]) -> None:
    """Let versions that know these jobs do them, now or after an upgrade; the promises say why they wait."""
    log.error("promises-of-unknown-jobs", jobs=sorted({row.job for row in strange}))
    with transaction():
        free = (select(Promise.id).where(Promise.id.in_([row.id for row in strange]), Promise.failed_at.is_(None))
                .order_by(Promise.id).with_for_update(skip_locked=True))
        db.session.execute(                     # one that is locked is being done by a version that knows it
            update(Promise).where(Promise.id.in_(db.session.scalars(free).all()))
            .values(due_at=clock.now() + UNKNOWN_FOR, attempts=Promise.attempts + 1,
                    last_error="This version has no such job.").execution_options(synchronize_session=False))


class Owed(NamedTuple):
    """What a promise says is to be done."""

    job: str
    arguments: dict[str, Any]
    request_id: str


def keep(promise_id: UUID, run: Callable[..., None]) -> None:
    """Do what was promised and cross it out. A promise already kept is left alone.

    A Problem is final, unless it says that something is away. That and any other error may heal: it is tried again
    after the waits of the register, then after the last of them for as long as it takes. All are recorded, none is
    raised, but for an error that comes before the promise could be read.
    """
    owed: Owed | None = None
    try:
        if _is_one_transaction(run):
            with transaction():
                if owed := _taken(promise_id):
                    _do(owed, run)
        elif owed := _read(promise_id):
            _do(owed, run)
            with transaction():
                _taken(promise_id)
    except Exception as error:
        db.session.rollback()
        if owed is None:
            raise
        with logs.request(owed.request_id):
            log.exception("job-failed", job=owed.job, arguments=owed.arguments)
        _record_failure(promise_id, error)
        metrics.JOBS_DONE.labels(owed.job, "failed").inc()
    else:
        if owed:
            metrics.JOBS_DONE.labels(owed.job, "done").inc()
            with logs.request(owed.request_id):
                log.info("job-done", job=owed.job, arguments=owed.arguments)


def _is_one_transaction(run: Callable[..., None]) -> bool:
    entry = JOBS.get(f"{run.__module__}.{run.__qualname__}")
    return entry is not None and entry.is_one_transaction


def _do(owed: Owed, run: Callable[..., None]) -> None:
    with logs.request(owed.request_id):
        run(**owed.arguments)


def _read(promise_id: UUID) -> Owed | None:
    """What is owed; None when it is done already, or failed for good."""
    return next((Owed(*found) for found in READ.ask(promise_id=promise_id)), None)


def _taken(promise_id: UUID) -> Owed | None:
    """The same, crossed out in the open transaction: whoever else takes it waits, and finds that it is done."""
    return next((Owed(*gone) for gone in TAKE.ask(promise_id=promise_id)), None)


def _record_failure(promise_id: UUID, error: Exception) -> None:
    with transaction():
        promise = db.session.execute(for_update(select(Promise).where(Promise.id == promise_id))).scalar_one_or_none()
        if promise is None:
            log.info("done-elsewhere", promise=str(promise_id))
            return
        waits = JOBS[promise.job].retry_after_s
        promise.attempts += 1
        promise.last_error = f"{type(error).__name__}: {error}"[:ERROR_CHARACTERS_MAX]
        if isinstance(error, Problem) and not isinstance(error, Unavailable):
            promise.failed_at = clock.now()
        else:
            promise.due_at = clock.now() + timedelta(seconds=waits[min(promise.attempts, len(waits)) - 1])


def retry_failed() -> int:
    """Owe again what failed for good, once its cause is mended; how many promises. Safe to repeat."""
    with transaction():
        failed = db.session.execute(
            update(Promise).where(Promise.failed_at.is_not(None))
            .values(failed_at=None, attempts=0, due_at=clock.now()).execution_options(synchronize_session=False))
        return int(failed.rowcount)             # type: ignore[attr-defined]


class Backlog(NamedTuple):
    """Open promises that are due, the age of the oldest of them in seconds, and promises that failed for good."""

    open: int
    oldest_s: float
    failed: int


def backlog() -> Backlog:
    """What is owed at this moment: also what failed and waits for its next try, but not what was promised for later."""
    due = Promise.failed_at.is_(None) & ((Promise.due_at <= clock.now() + HANDED_FOR) | (Promise.attempts > 0))
    count, oldest = db.session.execute(select(func.count(), func.min(Promise.created_at)).where(due)).one()
    failed = db.session.scalar(select(func.count()).where(Promise.failed_at.is_not(None))) or 0
    return Backlog(count, (clock.now() - oldest).total_seconds() if oldest else 0.0, failed)
