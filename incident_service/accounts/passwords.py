"""Passwords: argon2id, slow on purpose, and therefore never many at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import current_app

from incident_service.foundation.problems import Unavailable

AT_ONCE_MAX = 2                                   # 64 MiB and a core each
WAITING_MAX = 2                                   # each keeps a web thread from everybody else
WAIT_S_MAX = 5
RETRY_AFTER_S = 1
CHARACTERS_MIN, CHARACTERS_MAX = 8, 128
_slots = BoundedSemaphore(AT_ONCE_MAX)
_places = BoundedSemaphore(AT_ONCE_MAX + WAITING_MAX)


def hash_password(password: str) -> str:
    """The argon2id hash of a password. Takes some 150 ms: not inside a transaction."""
    with _slot():
        return _hasher().hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes as long when there is no hash to compare with."""
    with _slot():
        try:
            _hasher().verify(password_hash or _nobodys_hash(_hasher()), password)
        except VerificationError:
            return False
        return password_hash is not None


@contextmanager
def _slot() -> Iterator[None]:
    """A place among the few that may hash at once. Raises Unavailable when none gets free in time, and at once when
    others wait already."""
    with _taken(_places, wait_s_max=0), _taken(_slots, wait_s_max=WAIT_S_MAX):
        yield


@contextmanager
def _taken(places: BoundedSemaphore, *, wait_s_max: float) -> Iterator[None]:
    if not places.acquire(timeout=wait_s_max):
        raise Unavailable(retry_after_s=RETRY_AFTER_S)
    try:
        yield
    finally:
        places.release()


def _hasher() -> PasswordHasher:
    return _made(current_app.config["PASSWORD_ROUNDS"], current_app.config["PASSWORD_MEMORY_KIB"])


@cache
def _made(rounds: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=rounds, memory_cost=memory_kib)


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    return hasher.hash("")
