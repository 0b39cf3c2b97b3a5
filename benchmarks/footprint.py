"""What everything that `make run` starts takes in memory, and how long it takes from the command to ready.

Memory is the sum of proportional set sizes: a page shared by four processes counts a quarter in each. The floor is
what cannot be avoided: one Python process that has imported the application, and the Redis server. The floor of the
start is that one import.
"""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks import installations, phones
from benchmarks.processes import Running, pss_mb, running
from benchmarks.telling import claim, load, median, table

COMMAND = ["make", "--no-print-directory", "run"]
IMPORT = """
import sys, incident_service.app, incident_service.operations.household
print(flush=True)
sys.stdin.read()
"""
IDLE_AFTER_S = 6.0                              # every heartbeat and duty has come round by then
REPORTS = 24
MB_MAX, READY_S_MAX = 300, 5


def run(repeats: int) -> None:
    """Start on an empty folder, look, use it, look again, and start a second time; several times over."""
    seen: dict[str, list[float]] = defaultdict(list)
    for _ in range(repeats):
        with installations.folder() as home:
            with _timed(home, seen["first start"]) as service:
                time.sleep(IDLE_AFTER_S)
                kinds = _note_memory(service, seen["idle"])
                _use(service)
                _note_memory(service, seen["used"])
            with _timed(home, seen["second start"]):
                pass
        _note_floor(seen["one import"], seen["one process"])
    print("   ", ", ".join(f"{name} {len(sizes)} × {sum(sizes) / len(sizes):.0f} MB" for name, sizes in kinds.items()))
    _tell({name: median(values) for name, values in seen.items()}, sum(kinds["valkey-server"]))


@contextmanager
def _timed(home: Path, took: list[float]) -> Iterator[Running]:
    """The service by its own command; how long it took to be ready goes to `took`."""
    began = time.monotonic()
    with running(COMMAND, installations.environment(home / "data", ""), home / "service.log") as service:
        took.append(time.monotonic() - began)
        yield service


def _note_memory(service: Running, totals: list[float]) -> dict[str, list[float]]:
    """{name of the process: MB of each that is called so}; the sum goes to `totals`."""
    kinds = defaultdict(list)
    for process in service.family():
        kinds[process.name()].append(pss_mb([process]))
    totals.append(sum(map(sum, kinds.values())))
    return kinds


def _note_floor(seconds: list[float], megabytes: list[float]) -> None:
    """One process that has imported the application and forked nobody."""
    began = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", IMPORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout and child.stdout.readline()
        seconds.append(time.monotonic() - began)
        megabytes.append(pss_mb([psutil.Process(child.pid)]))


def _use(service: Running) -> None:
    """Some reports, their pictures made, and a moment's rest."""
    phones.in_a_row(phones.sign_in(service.host, service.port), 4, REPORTS).check()
    time.sleep(IDLE_AFTER_S)


def _tell(seen: dict[str, float], redis_mb: float) -> None:
    floor_mb = seen["one process"] + redis_mb
    table(("", "", "floor", "ratio"), [
        (what, figure, floor, figure / floor) for what, figure, floor in (
            ("idle, MB", seen["idle"], floor_mb),
            (f"idle again after {REPORTS} reports, MB", seen["used"], floor_mb),
            ("command to ready, first start, s", seen["first start"], seen["one import"]),
            ("command to ready, second start, s", seen["second start"], seen["one import"]))])
    print(f"   {load()}", flush=True)
    claim(f"idle: {seen['idle']:.0f} MB (at most {MB_MAX})", holds=seen["idle"] <= MB_MAX)
    claim(f"from command to ready: {seen['first start']:.1f} s first, {seen['second start']:.1f} s again "
          f"(at most {READY_S_MAX})", holds=seen["second start"] <= READY_S_MAX)
