"""The whole chain at fixed rates: what comes in is also routed, pushed and cut to sizes, and nothing queues.

Reports arrive by the clock, whatever is still being answered (2 MB photos, PostgreSQL). A rate is sustained when,
as the last one arrives, no more is owed than a moment's work, and it is done within seconds. The way to the push is
timed by the service's own stamps: the case opened, which the 201 follows at once, to the case pushed.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks import installations, phones
from benchmarks.phones import Target
from benchmarks.processes import Running, another_process, cpu_ms, family
from benchmarks.reading import OWED, Reader, reader
from benchmarks.telling import load, median, percentile, table

RATES = (2, 5, 10, 15)
SECONDS = 12.0
DRAIN_S_MAX = 2.0
PUSHES = "SELECT opened_at, pushed_at FROM case_file WHERE opened_at > ?"
HEAD = ("reports/s", "p95 of the 201, ms", "p95 to push, ms", "owed at the end", "done after, s", "CPU ms a report",
        "and PostgreSQL", "sustained")


class Chain(NamedTuple):
    """The service, what it costs, and what it has written."""

    service: Running
    target: Target
    seen: Reader
    servers: list[psutil.Process]


class Figures(NamedTuple):
    """What one rate showed."""

    answer_p95: float
    push_p95: float
    owed: float
    drain_s: float
    cpu: float
    server_cpu: float


def run(repeats: int) -> None:
    """One rate after the other, each several times."""
    with _chain() as chain, another_process() as elsewhere:
        _at(chain, elsewhere, RATES[0])
        idle = _idle(chain)
        rows = []
        for rate in RATES:
            taken = [_at(chain, elsewhere, rate) for _ in range(repeats)]
            figures = Figures(*(median(column) for column in zip(*taken, strict=True)))
            holds = figures.owed <= rate * DRAIN_S_MAX and figures.drain_s <= DRAIN_S_MAX
            rows.append((rate, *figures, "yes" if holds else "no"))
    table(HEAD, rows)
    print(f"   idle: {idle:.0f} ms of CPU a second, which is in the figures above; {load()}", flush=True)


@contextmanager
def _chain() -> Iterator[Chain]:
    with ExitStack() as stack:
        home: Path = stack.enter_context(installations.folder())
        urls = stack.enter_context(installations.databases("PostgreSQL", home, "service"))
        servers = [each for each in psutil.Process().children() if each.name() == "postgres"]
        service = stack.enter_context(installations.service(home / "service", urls["service"]))
        seen = stack.enter_context(reader(urls["service"]))
        yield Chain(service, phones.sign_in(service.host, service.port), seen, servers)


def _at(chain: Chain, elsewhere: Executor, rate: float) -> Figures:
    """One rate for a while, until everything is done."""
    ours, theirs = _used(chain)
    began = datetime.now().astimezone()
    sent = elsewhere.submit(phones.at_a_rate, chain.target, rate, SECONDS).result().check()
    owed = chain.seen.number(OWED)
    drain_s = chain.seen.wait_until_nothing_is_owed()
    ours_after, theirs_after = _used(chain)
    pushes = [(pushed - opened).total_seconds() * 1000 for opened, pushed in chain.seen.rows(PUSHES, began)]
    n = len(sent.answers)
    return Figures(percentile((each.ms for each in sent.answers), 95), percentile(pushes, 95), owed, drain_s,
                   (ours_after - ours) / n, (theirs_after - theirs) / n)


def _used(chain: Chain) -> tuple[float, float]:
    """CPU so far: of the installation, and of the PostgreSQL server."""
    servers = [each for server in chain.servers for each in family(server.pid)]
    return cpu_ms(chain.service.family()), cpu_ms(servers)


def _idle(chain: Chain) -> float:
    """CPU milliseconds a second when nothing happens."""
    before, began = sum(_used(chain)), time.monotonic()
    time.sleep(5)
    return (sum(_used(chain)) - before) / (time.monotonic() - began)
