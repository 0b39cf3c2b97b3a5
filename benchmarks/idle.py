"""How much memory everything that `make run` starts holds when idle, and how long it takes to be ready.

Memory is the sum of proportional set sizes: a page shared by four processes counts a quarter in each. The floor is
what cannot be avoided: one Python process that has imported the application, and the Redis server. The floor of
the start is that one import.
"""

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil

from tests.operations.installation import Installation

MEGABYTE = 1024 * 1024
AS_SHIPPED = {"WEB_WORKERS": "", "PRESS_WORKERS": ""}            # the defaults, not the few of a test
IMPORT = """
import sys, incident_service.app, incident_service.operations.household
print(flush=True)
sys.stdin.read()
"""
SETTLE_S = 5.0


def pss(process: psutil.Process) -> float:
    """The proportional set size of one process, in MB."""
    return float(process.memory_full_info().pss) / MEGABYTE


def by_kind(installation: Installation) -> dict[str, list[float]]:
    """{name of the process: MB of each that is called so}."""
    found = defaultdict(list)
    for process in installation.family():
        found[process.name()].append(pss(process))
    return found


def started(data_dir: Path) -> tuple[Installation, float]:
    """A running installation, and the seconds from the command to its greeting."""
    began = time.perf_counter()
    return Installation(data_dir, **AS_SHIPPED), time.perf_counter() - began


def floor() -> tuple[float, float]:
    """(MB of one process that has imported the application and forked nobody, seconds that takes)."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", IMPORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout and child.stdout.readline()
        return pss(psutil.Process(child.pid)), time.perf_counter() - began


def line(what: str, figure: float, floor: float, unit: str, target: float) -> str:
    """One measurement beside its floor and its target."""
    return (f"{what:<18}{figure:7.2f} {unit:<2}   floor {floor:7.2f} {unit:<2}   ratio {figure / floor:.2f}"
            f"   (target ≤ {target} {unit})")


def main() -> None:
    """Print the figures."""
    bare_mb, import_s = floor()
    with tempfile.TemporaryDirectory() as folder:
        first, first_s = started(Path(folder) / "data")
        first.end()
        installation, ready_s = started(Path(folder) / "data")
        time.sleep(SETTLE_S)
        kinds = by_kind(installation)
        installation.end()
    for name, sizes in sorted(kinds.items(), key=lambda each: -sum(each[1])):
        print(f"  {name:<16} {len(sizes)} × {sum(sizes) / len(sizes):6.1f} MB")
    total_mb, floor_mb = sum(map(sum, kinds.values())), bare_mb + sum(kinds["valkey-server"])
    print(line("memory, idle", total_mb, floor_mb, "MB", 300))
    print(line("command to ready", ready_s, import_s, "s", 5))
    print(f"very first start  {first_s:6.2f} s    with migrations and the demo town")


if __name__ == "__main__":
    main()
