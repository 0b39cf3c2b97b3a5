"""The whole chain at fixed rates: what comes in is also routed, pushed and cut to sizes, and nothing queues.

Reports arrive by the clock, whatever is still being answered (2 MB photos, PostgreSQL). A rate is sustained when,
as the last one arrives, no more is owed than a moment's work, and it is done within seconds. The way to the push is
timed by the service's own stamps: the case opened, which the 201 follows at once, to the case pushed. The floor is the
bare view of `benchmarks/floor.py` at the highest rate: one look, one row, no case, no push and no copy for screens.
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
from benchmarks.telling import claim, load, median, percentile, table

RATES = (2, 5, 10, 15)
SECONDS = 12.0
PEER_RATE, PEER_CPU_MS = 7, 287             # of the closest open peer, without photos
DRAIN_S_MAX = 2.0
PUSHES = "SELECT opened_at, pushed_at FROM case_file WHERE opened_at > ?"
HEAD = ("reports/s", "p95 of the 201, ms", "p95 to push, ms", "owed at the end", "done after, s", "CPU ms a report",
        "and PostgreSQL", "sustained")


class Chain(NamedTuple):
    """The service, what it costs, and what it has written; and the floor."""

    service: Running
    floor: Running
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
        floor = median(_floor(chain, elsewhere) for _ in range(repeats))
    table(HEAD, rows)
    print(f"   idle: {idle:.0f} ms of CPU a second, which is in the figures above; {load()}", flush=True)
    sustained = max((row[0] for row in rows if row[-1] == "yes"), default=0)
    cpu = rows[-1][5] + rows[-1][6]
    claim(f"two cores sustain {sustained} reports a second (more than {PEER_RATE})", holds=sustained > PEER_RATE)
    claim(f"{cpu:.0f} ms of CPU a report at {RATES[-1]} a second, {cpu / floor:.2f} times the floor's {floor:.0f} ms "
          f"(at most {PEER_CPU_MS} ms)", holds=cpu <= PEER_CPU_MS)


@contextmanager
def _chain() -> Iterator[Chain]:
    with ExitStack() as stack:
        home: Path = stack.enter_context(installations.folder())
        urls = stack.enter_context(installations.databases("PostgreSQL", home, "service", "floor"))
        servers = [each for each in psutil.Process().children() if each.name() == "postgres"]
        service = stack.enter_context(installations.service(home / "service", urls["service"]))
        floor = stack.enter_context(installations.floor("looked-at", home / "floor", urls["floor"]))
        seen = stack.enter_context(reader(urls["service"]))
        yield Chain(service, floor, phones.sign_in(service.host, service.port), seen, servers)


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


def _floor(chain: Chain, elsewhere: Executor) -> float:
    """CPU milliseconds a report of the floor, its own processes and PostgreSQL."""
    def used() -> float:
        return cpu_ms(chain.floor.family()) + _used(chain)[1]

    before = used()
    target = Target(chain.floor.host, chain.floor.port)
    sent = elsewhere.submit(phones.at_a_rate, target, RATES[-1], SECONDS).result().check()
    return (used() - before) / len(sent.answers)


def _used(chain: Chain) -> tuple[float, float]:
    """CPU so far: of the installation, and of the PostgreSQL server."""
    servers = [each for server in chain.servers for each in family(server.pid)]
    return cpu_ms(chain.service.family()), cpu_ms(servers)


def _idle(chain: Chain) -> float:
    """CPU milliseconds a second when nothing happens."""
    before, began = sum(_used(chain)), time.monotonic()
    time.sleep(5)
    return (sum(_used(chain)) - before) / (time.monotonic() - began)
