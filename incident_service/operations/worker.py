"""One worker process: RQ's SimpleWorker on one queue, patient when Redis is away."""

import logging
import signal
import time
from contextlib import suppress
from typing import Any

from flask import Flask
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from incident_service.foundation.queues import Queues, RegisteredJob
from incident_service.operations.heartbeat import Heartbeat, name_of_this_process

RETRY_SECONDS_MAX = 1.0
WORKER_TTL_S = 30                               # RQ waits this long less 15 s for a job, then looks around
STUCK_GRACE_S = 60


def work(app: Flask, queue: str) -> None:
    """Do what comes by `queue` until SIGTERM; the job at hand is finished first."""
    logging.getLogger("rq.worker").setLevel(logging.ERROR)
    logging.getLogger("rq.worker").addFilter(_is_news)
    with app.app_context():
        worker_name = name_of_this_process(queue)
        seat = Seat()
        with Heartbeat(app.extensions["queues"], queue, worker_name, is_stuck=seat.is_stuck):
            while not seat.stop_asked:
                _stint(app.config["REDIS_URL"], queue, worker_name, seat)


class Seat:
    """What outlives one connection to Redis: whether to stop, and until when the job at hand must be done."""

    def __init__(self) -> None:
        self.stop_asked = False
        self.must_end_at: float | None = None

    def is_stuck(self) -> bool:
        """Whether the job at hand runs on long after its time: no alarm reaches it, so the process must go."""
        return self.must_end_at is not None and time.monotonic() > self.must_end_at


def _stint(url: str, queue: str, worker_name: str, seat: Seat) -> None:
    """Work for as long as Redis is there; when it goes, wait a moment."""
    queues = Queues(url)
    try:
        PatientWorker(
            [queues.queue(queue)], name=worker_name, connection=queues.redis, serializer=JSONSerializer,
            job_class=RegisteredJob, worker_ttl=WORKER_TTL_S, seat=seat,
        ).work()
    except (RedisError, StopRequested):
        pass                                    # the heartbeat tells of Redis, the seat of stopping
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        queues.redis.close()
    if not seat.stop_asked:
        time.sleep(RETRY_SECONDS_MAX)


class PatientWorker(SimpleWorker):
    """RQ's worker without the thread that listens for remote commands, and stopped by SIGTERM alone."""

    max_connection_wait_time = RETRY_SECONDS_MAX
    log_result_lifespan = False
    log_job_description = False

    def __init__(self, *args: Any, seat: Seat, **options: Any) -> None:
        self._seat = seat
        super().__init__(*args, **options)

    def subscribe(self) -> None:
        """Nobody sends commands."""

    def register_birth(self) -> None:
        """Enter the register, over what an earlier connection of this process left there."""
        self.connection.delete(self.key)
        super().register_birth()

    def register_death(self) -> None:
        """Leave the register, if there still is one."""
        with suppress(RedisError):
            super().register_death()

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Do one job, and say until when it must be done."""
        self._seat.must_end_at = time.monotonic() + float(job.timeout or 0) + STUCK_GRACE_S
        try:
            return super().perform_job(job, queue)
        finally:
            self._seat.must_end_at = None

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGTERM, self.request_stop)

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Finish the job at hand, then end; without one, end now."""
        self._seat.stop_asked = True
        if self.get_state() == WorkerStatus.BUSY:
            self._stop_requested = True
        else:
            raise StopRequested


def _is_news(record: logging.LogRecord) -> bool:
    """Whether RQ tells more than that Redis is away."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, RedisError) and "Redis" not in str(record.msg)
