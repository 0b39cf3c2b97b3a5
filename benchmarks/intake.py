"""Reports with one 2 MB photo through the real server: how many a second, and how long each one waits.

Beside the service, in turns with it, the same reports go to two floors (`benchmarks/floor.py`): A stores the upload,
looks at it once and inserts one row; B only stores and inserts. Every process of `make run` is at work, so making
the larger copies of earlier photos is part of what the service does meanwhile.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks import installations, phones
from benchmarks.installations import DATABASES
from benchmarks.phones import Round, Target
from benchmarks.processes import Running, another_process, cpu_ms
from benchmarks.reading import Reader, reader
from benchmarks.telling import claim, load, median, percentile, table

ROUNDS = {1: 40, 4: 120, 16: 160}               # clients: reports
WARM_UP = (4, 24)
SERVICE, FLOOR_A, FLOOR_B = "service", "floor A", "floor B"
HEAD = ("clients", "", "reports/s", "p50 ms", "p95 ms", "CPU ms", "client CPU ms", "of floor A", "of floor B")


@dataclass
class Contestant:
    """Something reports are sent to, and how to wait until it has nothing left to do."""

    running: Running
    target: Target
    settle: Callable[[], object]


@dataclass
class Figures:
    """What one round showed; CPU is of the contestant's own processes, for one report."""

    per_second: float
    p50: float
    p95: float
    cpu: float
    client_cpu: float


def run(repeats: int) -> None:
    """Measure on both databases."""
    for database in DATABASES:
        print(f"   {database}, {repeats} rounds, medians", flush=True)
        seen = _measured(database, repeats)
        table(HEAD, _rows(seen))
        print(f"   {load()}", flush=True)
        if database == "PostgreSQL":
            _judge(seen)


def _measured(database: str, repeats: int) -> dict[tuple[int, str], Figures]:
    rounds: dict[tuple[int, str], list[Figures]] = defaultdict(list)
    with _contestants(database) as contestants, another_process() as elsewhere:
        for each in contestants.values():
            _send(each, elsewhere, *WARM_UP)
        for _ in range(repeats):
            for clients, reports in ROUNDS.items():
                for name, each in contestants.items():
                    rounds[clients, name].append(_send(each, elsewhere, clients, reports))
    return {what: Figures(*(median(column) for column in zip(*(vars(each).values() for each in some), strict=True)))
            for what, some in rounds.items()}


@contextmanager
def _contestants(database: str) -> Iterator[dict[str, Contestant]]:
    """The service and both floors, all running, each on a database of its own."""
    with ExitStack() as stack:
        home = stack.enter_context(installations.folder())
        urls = stack.enter_context(installations.databases(database, home, "service", "floor_a", "floor_b"))
        service = stack.enter_context(installations.service(home / "service", urls["service"]))
        floors = [stack.enter_context(installations.floor(kind, home / name, urls[name]))
                  for kind, name in (("looked-at", "floor_a"), ("stored", "floor_b"))]
        seen: Reader = stack.enter_context(reader(urls["service"]))
        signed_in = phones.sign_in(service.host, service.port)
        yield {
            SERVICE: Contestant(service, signed_in, seen.wait_until_nothing_is_owed),
            FLOOR_A: Contestant(floors[0], Target(floors[0].host, floors[0].port), lambda: None),
            FLOOR_B: Contestant(floors[1], Target(floors[1].host, floors[1].port), lambda: None),
        }


def _send(to: Contestant, elsewhere: Executor, clients: int, reports: int) -> Figures:
    """One round; what it leaves to be done is done before the next one begins."""
    family = to.running.family()
    before = cpu_ms(family)
    seen: Round = elsewhere.submit(phones.in_a_row, to.target, clients, reports).result().check()
    cpu = cpu_ms(family) - before
    to.settle()
    waits = [each.ms for each in seen.answers]
    return Figures(seen.per_second, percentile(waits, 50), percentile(waits, 95), cpu / reports, seen.cpu_ms / reports)


def _rows(seen: dict[tuple[int, str], Figures]) -> Iterator[tuple[object, ...]]:
    for (clients, name), each in seen.items():
        ratios = [each.per_second / seen[clients, floor].per_second for floor in (FLOOR_A, FLOOR_B)]
        yield (clients, name, each.per_second, each.p50, each.p95, each.cpu, each.client_cpu,
               *(f"{ratio:.2f}" for ratio in ratios))


def _judge(seen: dict[tuple[int, str], Figures]) -> None:
    for clients in (4, 16):
        figure, floor = seen[clients, SERVICE].per_second, seen[clients, FLOOR_A].per_second
        claim(f"{clients} clients: {figure / floor:.2f} of floor A (at least 0.70)", holds=figure >= 0.7 * floor)
        claim(f"{clients} clients: {figure:.1f} reports a second (at least 30)", holds=figure >= 30)
    for clients, most in ((1, 120), (4, 250)):
        p95 = seen[clients, SERVICE].p95
        claim(f"{clients} client(s): p95 {p95:.0f} ms (at most {most})", holds=p95 <= most)
