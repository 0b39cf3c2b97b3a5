"""The supervisor: keeps every process of an installation alive until it is told to stop, then stops them all.

It has no thread and no connection, so that it may fork a new child at any time.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable

import structlog

from incident_service.operations.child import Child
from incident_service.operations.processes import fork
from incident_service.operations.signals import Signals

STOPS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
LOOK_AROUND_S = 1.0
log = structlog.get_logger(__name__)


class Stopped(Exception):
    """Somebody asked the installation to stop."""


class Supervisor:
    """Keeps children alive. Made once, in the process that forks them."""

    def __init__(self, *, stop_seconds_max: float) -> None:
        self.children: list[Child] = []
        self._stop_seconds_max = stop_seconds_max
        self._is_stopping = False
        self._signals = Signals(*STOPS, signal.SIGCHLD)

    def add(self, children: Iterable[Child]) -> None:
        """Start these, and keep them alive from now on."""
        self.children.extend(children)
        self._start_the_missing()

    def do(self, run: Callable[[], None], *, name: str) -> bool:
        """Have a child do `run` once; whether it succeeded. The others are kept alive meanwhile. Raises Stopped."""
        pid = fork(run, name=name)
        try:
            while (status := self._reap().get(pid)) is None:
                self._wait()
        except Stopped:
            os.kill(pid, signal.SIGKILL)
            raise
        return os.waitstatus_to_exitcode(status) == 0

    def wait_until(self, ready: Callable[[], bool], *, seconds_max: float) -> bool:
        """Whether `ready()` became true in time. Raises Stopped."""
        deadline = time.monotonic() + seconds_max
        while not ready():
            if time.monotonic() > deadline:
                return False
            self._reap()
            self._wait(0.02)
        return True

    def watch(self) -> None:
        """Keep all children alive until somebody asks to stop. Raises Stopped, always."""
        while True:
            self._reap()
            self._wait()

    def stop(self) -> None:
        """Stop every child, those of a low stage first, and kill what has not stopped in time."""
        self._is_stopping = True
        deadline = time.monotonic() + self._stop_seconds_max
        for stage in sorted({child.stage for child in self.children}):
            group = [child for child in self.children if child.stage == stage]
            self._signal(group, signal.SIGTERM)
            self._wait_for_the_end_of(group, deadline)
            self._signal(group, signal.SIGKILL)
            self._wait_for_the_end_of(group, deadline + 5)

    def _wait(self, seconds: float = LOOK_AROUND_S) -> None:
        """Sleep until a signal comes or a child is due; start what is due. Raises Stopped."""
        due = [child.starts_at for child in self.children if child.pid is None]
        pause = min([seconds, *(at - time.monotonic() for at in due)])
        if self._signals.wait(pause) & STOPS:
            raise Stopped
        self._start_the_missing()

    def _start_the_missing(self) -> None:
        for child in self.children:
            child.start_if_due()

    def _reap(self) -> dict[int, int]:
        """Take leave of the dead; {pid: status} of all of them."""
        dead = dict(_dead())
        for child in self.children:
            if child.pid in dead:
                if not self._is_stopping:
                    code = os.waitstatus_to_exitcode(dead[child.pid])
                    log.warning("process-ended", kind=child.kind, pid=child.pid, code=code)
                child.note_death()
        return dead

    def _wait_for_the_end_of(self, group: list[Child], deadline: float) -> None:
        """Until all of `group` are gone, the time is up, or somebody asks a second time to stop."""
        while any(child.pid for child in group) and time.monotonic() < deadline:
            self._reap()
            if self._signals.wait(0.2) & STOPS:
                return

    def _signal(self, group: list[Child], number: int) -> None:
        for child in group:
            if child.pid is not None:
                os.kill(child.pid, number)


def _dead() -> Iterable[tuple[int, int]]:
    """(pid, status) of every child that has died since the last look."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status
