"""From the 201 to both notifications in the database: how long a responder's phone has nothing to show yet.

The floor is RQ alone: enqueue to start, on the same Redis server, in turns with the reports. A report's push is timed
by another reader of the database, who looks again every so often and sees only what is committed; the clock is one
machine's. Both are taken while nothing else goes on, and while others send 80 % of what the service can take.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from redis import Redis

from benchmarks import installations, phones, rq_floor
from benchmarks.phones import Phone, Target
from benchmarks.processes import another_process
from benchmarks.reading import Reader, reader
from benchmarks.telling import claim, load, percentile, table
from config.base import embedded_redis_url, run_folder
from tests.servers.children import child_of_ours

PUSHED = "SELECT count(*) FROM notification WHERE case_number = ? AND kind = 'dispatch'"
PARTS = 2
WAIT_S_MAX = 60
IDLE_PROBES, IDLE_LOOKS_EVERY_S = 40, 0.001
LOAD_SECONDS, LOAD_LOOKS_EVERY_S, LOAD_SHARE = 15.0, 0.005, 0.8
FULL_CLIENTS, FULL_REPORTS = 16, 160


class Place(NamedTuple):
    """Where a probe sends to and looks."""

    target: Target
    database: str
    redis: str


@dataclass
class Seen:
    """Milliseconds: from the 201 to both notifications, from sending to both, and RQ's enqueue to start."""

    after_answer: list[float]
    after_sending: list[float]
    rq: list[float]


def run(repeats: int) -> None:
    """Measure idle, then under load."""
    with _place() as place, another_process() as probing, another_process() as loading:
        probing.submit(probe, place, 5, 1.0, IDLE_LOOKS_EVERY_S).result()
        idle = probing.submit(probe, place, IDLE_PROBES * repeats, 3600.0, IDLE_LOOKS_EVERY_S).result()
        full = _full_speed(place, loading)
        busy = _under_load(place, probing, loading, full * LOAD_SHARE, LOAD_SECONDS * repeats)
    _tell("idle", idle)
    _tell(f"while {full * LOAD_SHARE:.1f} reports/s come in ({LOAD_SHARE:.0%} of {full:.1f})", busy)
    print(f"   {load()}", flush=True)
    claim(f"idle: p95 {percentile(idle.after_answer, 95):.0f} ms after the 201 (at most 50)",
          holds=percentile(idle.after_answer, 95) <= 50)
    times = percentile(idle.after_answer, 95) / percentile(idle.rq, 95)
    claim(f"idle: p95 is {times:.1f} times RQ's own from enqueue to start (at most 10)", holds=times <= 10)
    claim(f"under load: p95 {percentile(busy.after_answer, 95):.0f} ms after the 201 (at most 1000)",
          holds=percentile(busy.after_answer, 95) <= 1000)


@contextmanager
def _place() -> Iterator[Place]:
    """The service on PostgreSQL, and a worker of RQ's own beside it."""
    with ExitStack() as stack:
        home: Path = stack.enter_context(installations.folder())
        urls = stack.enter_context(installations.databases("PostgreSQL", home, "service"))
        service = stack.enter_context(installations.service(home / "service", urls["service"]))
        redis = embedded_redis_url(run_folder(home / "service"))
        stack.enter_context(child_of_ours([sys.executable, "-m", "benchmarks.rq_floor", redis]))
        yield Place(phones.sign_in(service.host, service.port), urls["service"], redis)


def _full_speed(place: Place, loading: Executor) -> float:
    """How many reports a second the service takes when enough come."""
    taken = loading.submit(phones.in_a_row, place.target, FULL_CLIENTS, FULL_REPORTS).result().check()
    with reader(place.database) as database:
        database.wait_until_nothing_is_owed()
    return float(taken.per_second)


def _under_load(place: Place, probing: Executor, loading: Executor, a_second: float, seconds: float) -> Seen:
    coming = loading.submit(phones.at_a_rate, place.target, a_second, seconds)
    seen = probing.submit(probe, place, sys.maxsize, seconds - 1, LOAD_LOOKS_EVERY_S).result()
    coming.result().check()
    return seen


def probe(place: Place, times: int, seconds: float, looks_every_s: float) -> Seen:
    """Report, wait for both notifications, ask RQ, pause; so many `times`, or for so many `seconds`."""
    seen, until = Seen([], [], []), time.time() + seconds
    phone, redis = Phone(place.target), Redis.from_url(place.redis)
    with reader(place.database) as database:
        for _ in range(times):
            if time.time() > until:
                break
            answer = phone.report()
            pushed_at = _pushed_at(database, json.loads(answer.body)["case_number"], looks_every_s)
            seen.after_answer.append((pushed_at - answer.answered_at) * 1000)
            seen.after_sending.append((pushed_at - answer.due_at) * 1000)
            time.sleep(random.uniform(0.02, 0.06))
            seen.rq.append(rq_floor.enqueue_to_start(redis))
            time.sleep(random.uniform(0.02, 0.06))
    return seen


def _pushed_at(database: Reader, number: str, looks_every_s: float) -> float:
    """When both notifications of a case were first seen. Raises TimeoutError."""
    until = time.time() + WAIT_S_MAX
    while database.number(PUSHED, number) < PARTS:
        if time.time() > until:
            raise TimeoutError(f"{number} was not pushed.")
        time.sleep(looks_every_s)
    return time.time()


def _tell(when: str, seen: Seen) -> None:
    print(f"   {when}: {len(seen.rq)} probes")
    ways = (("201 to both notifications", seen.after_answer), ("sending to both notifications", seen.after_sending),
            ("floor: RQ, enqueue to start", seen.rq))
    rows = [(name, *(percentile(ms, share) for share in (50, 95)), percentile(ms, 50) / percentile(seen.rq, 50))
            for name, ms in ways]
    table(("", "p50 ms", "p95 ms", "of floor"), rows)
