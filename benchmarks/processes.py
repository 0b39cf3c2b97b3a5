"""The processes under test: started, measured from /proc, and ended with all that they started."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

import psutil

from tests.servers.children import child_of_ours

ADDRESS = re.compile(rb"http://([\d.]+):(\d+)")
SERVICE = [sys.executable, "-m", "incident_service.operations"]


class Running:
    """A command that listens on a port, and everything it started."""

    def __init__(self, process: "subprocess.Popen[bytes]", host: str, port: int) -> None:
        self.process, self.host, self.port = process, host, port

    def family(self) -> list[psutil.Process]:
        """Every process of it that lives now."""
        return family(self.process.pid)


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[Running]:
    """Run a command that prints its address once it is ready; it ends with the block."""
    with log.open("wb") as errors, child_of_ours(
            command, stop_signal=signal.SIGTERM, env=environment, stdout=subprocess.PIPE, stderr=errors) as process:
        assert process.stdout
        for line in process.stdout:
            if found := ADDRESS.search(line):
                yield Running(process, found[1].decode(), int(found[2]))
                break
        else:
            raise RuntimeError(f"It did not start:\n{log.read_text()[-2000:]}")
        process.stdout.close()


@contextmanager
def another_process() -> Iterator[Executor]:
    """A process beside this one, for what must not share this one's interpreter: `submit(run, ...).result()`."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def cpu_ms(processes: Iterable[psutil.Process]) -> float:
    """CPU time these have used so far, their dead children included."""
    return 1000 * sum(sum(each.cpu_times()[:4]) for each in processes)


def pss_mb(processes: Iterable[psutil.Process]) -> float:
    """Memory of these, each shared page counted once among those who share it (proportional set size), in MB."""
    total = 0
    for each in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            rollup = Path(f"/proc/{each.pid}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])         # type: ignore[index]
    return total / 1024
