"""Redis and RQ: the way from a promise to a worker. Nothing here is the truth; the database is."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job as RqJob
from rq.job import _job_stack
from rq.serializers import JSONSerializer

from config.jobs import JOBS, QUEUES

ALIVE = "incident:alive"
ALIVE_SECONDS = 6
IN_HAND, IN_HAND_KEPT_S = "rq:worker:{}", 60        # where RQ keeps what a worker has in hand
REST_AFTER_FAILURE_S = 2.0
FAILED_KEPT_S = 24 * 3600
Answer = TypeVar("Answer")


class UnregisteredJob(Exception):
    """Something asked a worker to run what is not in the job register."""


class RegisteredJob(RqJob):
    """An RQ job that runs nothing but what `config/jobs.py` names: the JSON serializer alone is no fence."""

    @property
    def func(self) -> Callable[..., Any]:
        if self.func_name not in JOBS:
            raise UnregisteredJob(self.func_name)
        return super().func

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What Redis keeps of it: nothing that is empty, which is half of what RQ says."""
        return {name: value for name, value in super().to_dict(*args, **kwargs).items() if value != ""}

    def perform(self) -> Any:
        """Run it. RQ would first ask Redis to keep its entry for ever, as `hand_over` did."""
        _job_stack.push(self)
        try:
            return self._execute()
        finally:
            _job_stack.pop()


class Queues:
    """This process's way to Redis. Connects when first used, so that it may be made before a fork."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._rests_until = 0.0
        self.redis = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)

    def queue(self, name: str) -> Queue:
        """The RQ queue called `name`."""
        return Queue(name, connection=self.redis, serializer=JSONSerializer, job_class=RegisteredJob)

    def hand_over(self, promises: Iterable[tuple[str, str, dict[str, Any]]]) -> None:
        """Give (id, job, arguments) to their queues; the RQ job bears the promise's id. Raises RedisError."""
        def hand() -> None:
            with self.redis.pipeline(transaction=False) as pipe:        # a job is there before its id is in a queue
                for promise_id, job, arguments in promises:
                    self._put(pipe, promise_id, job, arguments)
                pipe.execute()

        self.speak(hand)

    def speak(self, call: Callable[[], Answer]) -> Answer:
        """What `call` gets from Redis. Raises RedisError.

        After a failure Redis is left alone for a moment, so that an outage does not slow every request down.
        """
        if time.monotonic() < self._rests_until:
            raise RedisError("Redis was away a moment ago.")
        try:
            return call()
        except RedisError:
            self._rests_until = time.monotonic() + REST_AFTER_FAILURE_S
            raise

    def _put(self, pipe: Any, promise_id: str, job: str, arguments: dict[str, Any]) -> None:
        entry = JOBS[job]
        self.queue(entry.queue).enqueue_call(
            job, kwargs=arguments, job_id=promise_id, timeout=entry.seconds_max, description=job,
            result_ttl=0, failure_ttl=FAILED_KEPT_S, pipeline=pipe,
        )

    def in_good_hands(self, waiting: dict[str, str]) -> set[str]:
        """Of {promise id: job}, the ids that wait in their queue or are in the hands of a living worker.

        What a worker has in hand it says itself: a job that it began when Redis died bears its name too, but it
        has let go of that one. Raises RedisError.
        """
        queued = {name: set(self.queue(name).get_job_ids()) for name in {JOBS[job].queue for job in waiting.values()}}
        in_hand = {self.redis.hget(IN_HAND.format(worker), "current_job") for worker in self.alive_workers()}
        return {each for each, job in waiting.items() if each in queued[JOBS[job].queue] or each.encode() in in_hand}

    def stay_alive(self, kind: str, name: str) -> None:
        """Say that the process `name` of this `kind` is alive; holds for a few seconds. What a worker has in hand is
        known as long as it is: RQ itself looks after that between two jobs alone. Raises RedisError."""
        with self.redis.pipeline(transaction=False) as pipe:
            pipe.set(f"{ALIVE}:{kind}:{name}", "1", ex=ALIVE_SECONDS)
            pipe.expire(IN_HAND.format(name), IN_HAND_KEPT_S)
            pipe.execute()

    def alive_workers(self) -> set[str]:
        """The names of the processes that said so lately. Raises RedisError."""
        return {key.decode().split(":", 3)[3] for key in self.redis.scan_iter(f"{ALIVE}:*", count=1000)}

    def alive_kinds(self) -> Counter[str]:
        """How many processes of each kind said lately that they are alive. Raises RedisError."""
        return Counter(key.decode().split(":", 3)[2] for key in self.redis.scan_iter(f"{ALIVE}:*", count=1000))

    def depths(self) -> dict[str, int]:
        """How many jobs wait in each queue. Raises RedisError."""
        return {name: self.queue(name).count for name in QUEUES}


def open_queues(app: Flask) -> None:
    """Give the application its queues. Opens no connection yet."""
    app.extensions["queues"] = Queues(app.config["REDIS_URL"])


def queues() -> Queues:
    """The current application's queues."""
    return current_app.extensions["queues"]
