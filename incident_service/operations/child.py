"""One process that is kept alive: started, mourned, and started again, the more slowly the faster it dies."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

import structlog

from incident_service.operations.processes import fork

SETTLED_SECONDS = 10.0
FIRST_PAUSE_S = 0.1
log = structlog.get_logger(__name__)


class Stage(IntEnum):
    """In which order processes stop: who asks stops before who answers."""

    ASKS = 0
    ANSWERS = 1
    CARRIES = 2


@dataclass
class Patience:
    """How many quick deaths cost nothing, and how long the pause between two starts may become."""

    deaths_free: int = 1
    pause_s_max: float = 5.0

    def pause_s(self, quick_deaths: int) -> float:
        """How long to wait after so many quick deaths in a row."""
        beyond = quick_deaths - self.deaths_free
        return 0.0 if beyond <= 0 else min(FIRST_PAUSE_S * 2.0 ** min(beyond - 1, 20), self.pause_s_max)


@dataclass
class Child:
    """A process of one `kind` that does `run`, and the `stage` in which it is stopped."""

    kind: str
    run: Callable[[], None]
    stage: Stage = Stage.ASKS
    patience: Patience = field(default_factory=Patience)
    pid: int | None = None
    starts_at: float = 0.0
    _started_at: float = 0.0
    _quick_deaths: int = 0

    def start_if_due(self) -> None:
        """Start the process when it is not there and its pause is over."""
        if self.pid is None and time.monotonic() >= self.starts_at:
            self._started_at = time.monotonic()
            try:
                self.pid = fork(self.run, name=self.kind)
            except OSError as error:
                log.error("fork-failed", kind=self.kind, error=str(error))
                self.note_death()

    def note_death(self) -> None:
        """The process is gone: decide when the next one starts."""
        now = time.monotonic()
        settled = now - self._started_at >= SETTLED_SECONDS
        self._quick_deaths = 1 if settled else self._quick_deaths + 1
        self.pid, self.starts_at = None, now + self.patience.pause_s(self._quick_deaths)
