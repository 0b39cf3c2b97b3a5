"""What time it is. Everything that asks, asks here, so that a test can say."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_stopped_at: ContextVar[datetime | None] = ContextVar("stopped_at", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _stopped_at.get() or datetime.now(UTC)


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) inside the block. For tests and rehearsals."""
    token = _stopped_at.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _stopped_at.reset(token)
