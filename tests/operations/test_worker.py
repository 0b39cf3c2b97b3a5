"""A worker does what the register names, waits out an absent Redis, and finishes the job at hand before it ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from incident_service.foundation.queues import Queues
from tests.operations.installation import until
from tests.operations.toy_worker import HOLD, NOTE
from tests.servers.children import child_of_ours
from tests.servers.redis import start_redis


class Bench:
    """A Redis server, a worker on it, and what the worker's jobs say."""

    def __init__(self, folder: Path, room: ExitStack) -> None:
        self.folder, self.log = folder, folder / "worker.log"
        self.start_redis()
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "tests.operations.toy_worker", self.queues.url]
            self.worker: subprocess.Popen[bytes] = room.enter_context(child_of_ours(command, stderr=log))
        room.callback(self.stop_redis)

    def start_redis(self) -> None:
        self.server = ExitStack()
        self.queues = Queues(self.server.enter_context(start_redis(self.folder)))
        self.server.enter_context(closing(self.queues.redis))

    def stop_redis(self) -> None:
        self.server.close()

    def give(self, job: str, **arguments: Any) -> None:
        self.queues.queue("routing").enqueue_call(job, kwargs=arguments)

    def hear(self) -> str:
        """The next word a job says; empty when none does for long."""
        for _ in range(20):
            if said := self.queues.redis.blpop(["said"], timeout=1):
                return said[1].decode()
        return ""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as room:
        yield Bench(tmp_path, room)


def test_a_job_of_the_register_is_done_and_the_worker_ends_when_told(bench: Bench):
    bench.give(NOTE, word="done")
    assert bench.hear() == "done"
    assert bench.queues.alive_kinds() == {"routing": 1}
    bench.worker.send_signal(signal.SIGTERM)
    assert bench.worker.wait(20) == 0


def test_a_job_outside_the_register_is_not_done(bench: Bench):
    bench.give("os.getpid")
    bench.give(NOTE, word="after it")
    assert bench.hear() == "after it"
    assert bench.queues.queue("routing").failed_job_registry.count == 1


def test_redis_may_go_and_come_back_empty(bench: Bench):
    bench.give(NOTE, word="before")
    assert bench.hear() == "before"
    bench.queues.redis.flushall()
    bench.stop_redis()
    bench.start_redis()
    bench.give(NOTE, word="after")
    assert bench.hear() == "after"
    assert bench.worker.poll() is None
    assert "Traceback" not in bench.log.read_text()


def test_the_job_at_hand_is_finished_before_the_worker_ends(bench: Bench):
    bench.give(HOLD)
    assert bench.hear() == "began"
    bench.worker.send_signal(signal.SIGTERM)
    bench.queues.redis.rpush("go on", "please")
    assert bench.hear() == "ended"
    assert bench.worker.wait(20) == 0
    assert bench.queues.queue("routing").failed_job_registry.count == 0


def test_a_worker_says_what_it_has_in_hand_for_as_long_as_it_has_it(bench: Bench):
    bench.queues.hand_over([("1", HOLD, {}), ("2", NOTE, {"word": "next"})])
    assert bench.hear() == "began"
    waiting = {"1": HOLD, "2": NOTE}
    assert bench.queues.in_good_hands(waiting) == {"1", "2"}
    kept, = bench.queues.redis.keys("rq:worker:*")
    bench.queues.redis.expire(kept, 30)
    until(lambda: bench.queues.redis.ttl(kept) > 30)                # a heart beats beside it, however long it takes
    bench.queues.redis.rpush("go on", "please")
    assert [bench.hear(), bench.hear()] == ["ended", "next"]
    bench.worker.send_signal(signal.SIGTERM)
    assert bench.worker.wait(20) == 0
    assert bench.queues.in_good_hands(waiting) == set()
    assert bench.queues.redis.keys("rq:job:*") == []


def test_a_worker_told_to_stop_while_redis_is_away_ends(bench: Bench):
    bench.give(NOTE, word="up")
    assert bench.hear() == "up"
    bench.stop_redis()
    bench.worker.send_signal(signal.SIGTERM)
    assert bench.worker.wait(20) in (0, -signal.SIGTERM)
    bench.start_redis()
