"""A whole installation as a test starts it: the real command, a free port, a folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import psutil

from incident_service.operations.processes import die_with

COMMAND = [sys.executable, "-m", "incident_service.operations"]
PATIENCE_S = 60
LAST_LINE = "Ctrl-C stops everything.\n"
SMALL = {"WEB_WORKERS": "1", "PRESS_WORKERS": "1", "MEDIA_WORKERS": "1", "PORT": "0"}


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The settings of one installation, and nothing of this process's own that would change them."""
    ours = {"DATABASE_URL", "REDIS_URL", "PHOTO_STORE", "HOST", "INCIDENT_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, **SMALL, "DATA_DIR": str(data_dir), **settings}


def refused(data_dir: Path, **settings: str) -> str:
    """What an installation that cannot start says: one line, and the exit code 1."""
    done = subprocess.run(COMMAND, env=environment(data_dir, **settings), capture_output=True, text=True, check=False,
                          timeout=PATIENCE_S)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.stderr
    return done.stderr.strip()


def until(true: Callable[[], Any], *, otherwise: Callable[[], Any] = str) -> Any:
    """What `true()` gives as soon as it gives something. Fails when that takes too long, and tells what `otherwise`."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"It did not come to pass in time. {otherwise()}")


class Installation:
    """A running installation."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir, self.log = data_dir, data_dir.with_name(f"{data_dir.name}.log")
        us = os.getpid()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                COMMAND, env=environment(data_dir, **settings), stdout=subprocess.PIPE, stderr=log, text=True,
                preexec_fn=lambda: die_with(us, signal.SIGTERM))  # noqa: PLW1509 (it takes no lock)
        self.greeting = "".join(takewhile(lambda line: line != LAST_LINE, self.process.stdout))
        address = re.search(r"http://\S+", self.greeting)
        assert address, self.log.read_text()
        self.address = address.group()

    def status(self, path: str) -> int:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE_S) as answer:
            return answer.status

    def family(self) -> list[psutil.Process]:
        """Every process of the installation, the supervisor first."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def of_kind(self, name: str) -> set[int]:
        return {each.pid for each in self.family()[1:] if _name_of(each) == name}

    def kinds(self) -> Counter[str]:
        return Counter(_name_of(each) for each in self.family()[1:])

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to the supervisor; its exit code, once nothing of the installation is left."""
        family, port = self.family(), int(self.address.rpartition(":")[2])
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family))
        until(lambda: not _is_open(port))               # a thread may outlive its process's name by a moment
        return code


def _name_of(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return "gone"


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Installation]:
    """An installation that runs inside the block, and whatever happens there not after it."""
    installation = Installation(data_dir, **settings)
    try:
        yield installation
    finally:
        if installation.process.poll() is None:
            assert installation.end() == 0


def _is_open(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
