"""How often something may be tried: counted in Redis for all processes together, and by each for itself while
Redis is away, so that an outage neither opens the door nor shuts it."""

import ipaddress
import math
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from flask import Flask, current_app
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from incident_service.foundation.problems import TooMany
from incident_service.foundation.queues import queues

IPV6_SUBSCRIBER_BITS = 64
Answer = TypeVar("Answer")


class TriedTooOften(TooMany):
    """A limit on how often something may be tried was reached."""

    slug = "tried-too-often"


class Counters:
    """This process's way to the counters. Made when first asked, after the fork: counting in memory takes a thread."""

    def __init__(self) -> None:
        self._shared = MovingWindowRateLimiter(RedisStorage("redis://", queues().redis.connection_pool))
        self._own: MovingWindowRateLimiter | None = None

    def ask(self, question: Callable[..., Answer], rule: RateLimitItem, what: tuple[str, ...]) -> Answer:
        """What the shared counters answer; while Redis is away, what this process counted itself."""
        try:
            return queues().speak(lambda: question(self._shared, rule, *what))
        except RedisError:
            self._own = self._own or MovingWindowRateLimiter(MemoryStorage())
            return question(self._own, rule, *what)


def take(rules: str, *what: str) -> None:
    """Count one more try of `what` under `rules`, such as "1 per minute; 5 per hour"; empty ones allow everything.

    Raises TriedTooOften.
    """
    for rule in _parsed(rules):
        if not _counters().ask(MovingWindowRateLimiter.hit, rule, what):
            raise _refusal(rule, what)


def check(rules: str, *what: str) -> None:
    """Raise TriedTooOften when `what` may not be tried now; counts nothing."""
    for rule in _parsed(rules):
        if not _counters().ask(MovingWindowRateLimiter.test, rule, what):
            raise _refusal(rule, what)


def count(rules: str, *what: str) -> None:
    """Count one more try of `what`, whether or not it was one too many."""
    for rule in _parsed(rules):
        _counters().ask(MovingWindowRateLimiter.hit, rule, what)


def subscriber(address: str | None) -> str:
    """Who counts as one caller: an IPv4 address, or the network that an IPv6 subscriber is given."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_SUBSCRIBER_BITS), strict=False))


@cache
def _parsed(rules: str) -> tuple[RateLimitItem, ...]:
    return tuple(parse_many(rules)) if rules else ()


def _refusal(rule: RateLimitItem, what: tuple[str, ...]) -> TriedTooOften:
    opens_at = _counters().ask(MovingWindowRateLimiter.get_window_stats, rule, what).reset_time
    return TriedTooOften(retry_after_s=max(1, math.ceil(opens_at - time.time())))


def _counters() -> Counters:
    app: Flask = current_app._get_current_object()          # type: ignore[attr-defined]
    if "counters" not in app.extensions:
        app.extensions["counters"] = Counters()
    return app.extensions["counters"]
