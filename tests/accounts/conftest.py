"""What the tests of people and sign-ins share: a channel that keeps what it was given, and counters at zero."""

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis

from incident_service.accounts.channel import CHANNEL
from incident_service.foundation.queues import Queues


class Letterbox:
    """A channel that shows which codes arrived where."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []
        self.is_open = True

    def send(self, phone: str, code: str) -> None:
        """Keep the code; while the box is shut, fail to bring it."""
        self.codes.append((phone, code))
        if not self.is_open:
            raise OSError("the gateway is away")

    @property
    def last(self) -> str:
        """The code that arrived last."""
        return self.codes[-1][1]


@pytest.fixture
def letterbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Letterbox:
    """Where the codes of this test arrive."""
    box = Letterbox()
    monkeypatch.setitem(app.extensions, CHANNEL, box)
    return box


@pytest.fixture
def settings(app: Flask) -> Iterator[dict]:
    """The settings, to be changed for one test; what was tried before is forgotten before and after it."""
    before = dict(app.config)
    app.extensions.pop("counters", None)
    yield app.config
    app.config.update(before)
    app.extensions.pop("counters", None)


@pytest.fixture
def shared_redis(app: Flask, settings: dict, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Redis:
    """A Redis in which the tries are counted."""
    redis = Redis.from_url(redis_url)
    redis.flushall()
    monkeypatch.setitem(app.extensions, "queues", Queues(redis_url))
    return redis
