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
from rq.timeouts import JobTimeoutException
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
    """RQ's worker, stopped by SIGTERM alone, that tells Redis no more than somebody reads.

    Half of a short job's time went into registers, states and heartbeats of RQ's own: whether a worker lives, our
    Heartbeat says, and whether a job is done, the database.
    """

    max_connection_wait_time = RETRY_SECONDS_MAX
    log_result_lifespan = False
    log_job_description = False

    def __init__(self, *args: Any, seat: Seat, **options: Any) -> None:
        self._seat, self._beats_again_at = seat, 0.0
        super().__init__(*args, **options)

    def subscribe(self) -> None:
        """Nobody sends commands."""

    def check_for_suspension(self, burst: bool) -> None:
        """Nobody suspends."""

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """Know it; nobody else asks."""
        self._state = state

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Keep RQ's entry for this worker, now and then."""
        if time.monotonic() >= self._beats_again_at:
            super().heartbeat(timeout, pipeline)
            self._beats_again_at = time.monotonic() + WORKER_TTL_S / 2

    def register_birth(self) -> None:
        """Enter the register, over what an earlier connection of this process left there."""
        self.connection.delete(self.key)
        super().register_birth()

    def register_death(self) -> None:
        """Leave the register, if there still is one."""
        with suppress(RedisError):
            super().register_death()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Do one job: say that it began here, which `Queues.in_good_hands` reads, and forget it when it is done.

        One that raises stays there as failed: no promise does, as `outbox.keep` records what went wrong.
        """
        self.set_state(WorkerStatus.BUSY)
        seconds_max = int(job.timeout or Queue.DEFAULT_TIMEOUT)
        self._seat.must_end_at = time.monotonic() + seconds_max + STUCK_GRACE_S
        try:
            self._note_beginning(job, queue)
            with self.death_penalty_class(seconds_max, JobTimeoutException, job_id=job.id):
                job.perform()
        except RedisError:
            raise
        except Exception as error:
            self.handle_exception(job, type(error), error, error.__traceback__)
            self.handle_job_failure(job, queue, exc_string=repr(error))     # which ends it as well
        else:
            self._note_end(job)
        finally:
            self._seat.must_end_at = None
            self.set_state(WorkerStatus.IDLE)

    def _note_beginning(self, job: Job, queue: Queue) -> None:
        with self.connection.pipeline(transaction=False) as pipe:
            self.set_current_job_id(job.id, pipe)
            pipe.lrem(queue.intermediate_queue_key, 1, job.id)
            pipe.execute()

    def _note_end(self, job: Job) -> None:
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.delete(job.key)
            self.set_current_job_id(None, pipe)
            pipe.execute()

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
