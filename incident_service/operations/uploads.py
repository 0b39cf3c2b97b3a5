"""Uploads wait for their turn without a thread: however slow pictures are looked at, some threads stay free for others.

An upload keeps its thread while the press looks at its pictures. So only so many are in the hands of threads at once;
the others wait in line as bytes that have arrived, and whoever waits too long is told to come back.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

FREE = 2                                        # threads that no upload takes
FORM = "multipart/form-data"
log = structlog.get_logger(__name__)


class CameTooMany(Error):
    """An upload for which no thread got free in time."""
    code, reason = 503, "Service Unavailable"


class Turn(NamedTuple):
    """An upload in the hands of the threads; `ended` is called once it is answered."""

    channel: Any
    ended: Callable[[], None]

    def service(self) -> None:
        """Answer it, and let the next one come."""
        try:
            self.channel.service()
        finally:
            self.ended()

    def cancel(self) -> None:
        """The server stops."""
        self.channel.cancel()


class Dispatcher(ThreadedTaskDispatcher):
    """Gives requests to threads in the order they come, uploads in turns."""

    def __init__(self, threads: int, *, wait_s_max: float) -> None:
        super().__init__()
        self.turns_max, self.wait_s_max = max(1, threads - FREE), wait_s_max
        self._turns = 0
        self._line: deque[tuple[float, Any]] = deque()
        self._line_lock = threading.Lock()
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """Take a request whose body has arrived."""
        if not is_upload(task):
            super().add_task(task)
            return
        with self._line_lock:
            self._line.append((time.monotonic(), task))
        self._let_in()

    def send_back_late_ones(self) -> None:
        """Have those refused who have waited too long: that takes a thread for a moment only."""
        if not self._line:
            return
        latest = time.monotonic() - self.wait_s_max
        with self._line_lock:
            late = []
            while self._line and self._line[0][0] <= latest:
                late.append(self._line.popleft()[1])
        if late:
            log.warning("uploads-sent-back", count=len(late))
        for channel in late:
            channel.requests[0].error = CameTooMany("")
            super().add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Stop; whoever still waits is let go."""
        with self._line_lock:
            waiting, self._line = self._line, deque()
        for _, channel in waiting:
            channel.cancel()
        return bool(super().shutdown(cancel_pending, timeout))

    def _let_in(self) -> None:
        with self._line_lock:
            if not self._line or self._turns >= self.turns_max:
                return
            self._turns += 1
            _, channel = self._line.popleft()
        super().add_task(Turn(channel, self._ended))

    def _ended(self) -> None:
        with self._line_lock:
            self._turns -= 1
        self._let_in()


def is_upload(channel: Any) -> bool:
    """Whether the request that a connection brings is a form with files, and not refused already."""
    request = channel.requests[0]
    return not request.error and request.headers.get("CONTENT_TYPE", "").lower().startswith(FORM)
