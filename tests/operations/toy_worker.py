"""`python -m tests.operations.toy_worker REDIS_URL`: a worker on the routing queue whose jobs speak through Redis."""

import sys

from flask import Flask

from config.jobs import JOBS, Job
from incident_service.foundation import logs
from incident_service.foundation.queues import open_queues, queues
from incident_service.operations.worker import work

NOTE, HOLD = f"{__spec__.name}.note", f"{__spec__.name}.hold"
JOBS.update({NOTE: Job("routing", 30, ()), HOLD: Job("routing", 30, ())})


def note(*, word: str) -> None:
    """Say the word."""
    queues().redis.rpush("said", word)


def hold() -> None:
    """Say that it began, wait for leave to go on, and say that it ended."""
    redis = queues().redis
    redis.rpush("said", "began")
    while not redis.blpop(["go on"], timeout=1):
        pass
    redis.rpush("said", "ended")


def toy(redis_url: str) -> Flask:
    """An application that has queues and nothing else."""
    app = Flask("toy")
    app.config["REDIS_URL"] = redis_url
    open_queues(app)
    return app


if __name__ == "__main__":
    logs.open_logs()
    work(toy(sys.argv[1]), "routing")
