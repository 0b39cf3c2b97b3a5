"""A process says every other second that it is alive, so that others can tell the dead from the busy."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

import structlog
from redis.exceptions import RedisError

from incident_service.foundation.database import new_id
from incident_service.foundation.queues import Queues

BEAT_SECONDS = 2.0
log = structlog.get_logger(__name__)


def name_of_this_process(kind: str) -> str:
    """A name that no other process has, on any machine, ever."""
    return f"{kind}-{socket.gethostname()}-{os.getpid()}-{new_id().hex[-6:]}"


class Heartbeat(threading.Thread):
    """Says that `name` is alive for as long as the block lasts. A process that `is_stuck()` is ended, for a new one."""

    def __init__(self, queues: Queues, kind: str, name: str, *, is_stuck: Callable[[], bool] = lambda: False) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._queues, self._kind, self._name, self._is_stuck = queues, kind, name, is_stuck
        self._ended = threading.Event()
        self._redis_is_away = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()

    def run(self) -> None:
        """Beat until the block ends."""
        while True:
            self._beat()
            if self._ended.wait(BEAT_SECONDS):
                return
            if self._is_stuck():
                log.error("process-stuck", kind=self._kind, name=self._name)
                os.kill(os.getpid(), signal.SIGKILL)

    def _beat(self) -> None:
        """Say it once. Redis going away, and coming back, is told once each."""
        try:
            self._queues.stay_alive(self._kind, self._name)
        except RedisError as error:
            if not self._redis_is_away:
                log.warning("redis-away", kind=self._kind, error=str(error))
            self._redis_is_away = True
        else:
            if self._redis_is_away:
                log.info("redis-back", kind=self._kind)
            self._redis_is_away = False
