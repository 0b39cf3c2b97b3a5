"""A burst: 1,000 cases at once, and how long each waits until both of its responders have their notification.

Reports with small photos come from 32 phones, each the next as soon as its last was answered, so that taking them in
is no brake. Timed by the service's own stamps, from the case opened (the 201 follows at once) to the push, whose
transaction writes both notifications. The floor is RQ's own enqueue to start, one job at a time.
"""

import sys
from contextlib import ExitStack
from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import NamedTuple

from PIL import Image
from redis import Redis

from benchmarks import installations, phones, rq_floor
from benchmarks.processes import another_process
from benchmarks.reading import reader
from benchmarks.telling import claim, load, median, percentile, table
from config.base import embedded_redis_url, run_folder
from tests.servers.children import child_of_ours

CASES, CLIENTS, FLOORS = 1000, 32, 50
PUSHES = "SELECT opened_at, pushed_at FROM case_file WHERE opened_at > ?"
TOLD = "SELECT count(*) FROM notification WHERE kind = 'dispatch' AND at > ?"


class Burst(NamedTuple):
    """One burst: reports taken in a second, cases dispatched, milliseconds from opened to pushed, notifications."""

    per_second: float
    dispatched: int
    p50: float
    p95: float
    longest: float
    told: int


def run(repeats: int) -> None:
    """One burst after the other, on PostgreSQL."""
    with ExitStack() as stack:
        home: Path = stack.enter_context(installations.folder())
        urls = stack.enter_context(installations.databases("PostgreSQL", home, "service"))
        service = stack.enter_context(installations.service(home / "service", urls["service"]))
        seen = stack.enter_context(reader(urls["service"]))
        redis = embedded_redis_url(run_folder(home / "service"))
        stack.enter_context(child_of_ours([sys.executable, "-m", "benchmarks.rq_floor", redis]))
        elsewhere = stack.enter_context(another_process())
        target, bursts = phones.sign_in(service.host, service.port), []
        floor = [rq_floor.enqueue_to_start(Redis.from_url(redis)) for _ in range(FLOORS)]
        for _ in range(repeats):
            began = datetime.now().astimezone()
            sent = elsewhere.submit(phones.in_a_row, target, CLIENTS, CASES, small).result().check()
            seen.wait_until_nothing_is_owed()
            waits = [(pushed - opened).total_seconds() * 1000 for opened, pushed in seen.rows(PUSHES, began) if pushed]
            bursts.append(Burst(sent.per_second, len(waits), percentile(waits, 50), percentile(waits, 95), max(waits),
                                seen.number(TOLD, began)))
    table(("reports/s", "dispatched", "p50 ms", "p95 ms", "longest ms", "notifications"), bursts)
    print(f"   floor: RQ, enqueue to start: p50 {median(floor):.2f} ms, p95 {percentile(floor, 95):.2f} ms; {load()}")
    p95 = median(each.p95 for each in bursts)
    claim(f"{CASES} cases: p95 {p95 / 1000:.2f} s to both notifications (at most 10)", holds=p95 <= 10_000)
    claim(f"all {CASES} dispatched, both parts told",
          holds=all((each.dispatched, each.told) == (CASES, 2 * CASES) for each in bursts))


def small(chance: Random) -> bytes:
    """A photo of some kilobytes that nobody has sent before."""
    written = BytesIO()
    Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3)).resize((320, 240)).save(written, "JPEG")
    return written.getvalue()
