"""RQ alone: a SimpleWorker on a queue of its own, with a job that only says when it began.

`python -m benchmarks.rq_floor URL` is the worker; `enqueue_to_start` asks it once.
"""

import sys
import time

from redis import Redis
from rq import Queue, SimpleWorker, get_current_job
from rq.serializers import JSONSerializer

NAME = "benchmark-floor"
WAIT_S_MAX = 30


def begun(reply_to: str) -> None:
    """The job: say what time it is."""
    job = get_current_job()
    assert job
    job.connection.lpush(reply_to, repr(time.time()))


def enqueue_to_start(redis: Redis) -> float:
    """Milliseconds from before a job is enqueued until it begins."""
    reply_to = f"{NAME}:{time.time_ns()}"
    enqueued_at = time.time()
    Queue(NAME, connection=redis, serializer=JSONSerializer).enqueue(begun, reply_to, result_ttl=0)
    answer = redis.blpop([reply_to], timeout=WAIT_S_MAX)
    assert answer, "The floor's worker does not answer."
    return (float(answer[1]) - enqueued_at) * 1000


if __name__ == "__main__":
    connection = Redis.from_url(sys.argv[1])
    SimpleWorker([Queue(NAME, connection=connection, serializer=JSONSerializer)], connection=connection,
                 serializer=JSONSerializer).work(logging_level="WARNING")
