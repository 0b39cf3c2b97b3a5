"""A whole city for tests: a running installation, its gateway, and a witness of what it keeps."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import NamedTuple

from tests.journeys.gateway import Gateway, a_gateway
from tests.journeys.handsets import Handset
from tests.journeys.witness import Witness
from tests.operations.installation import Installation, running, until

ROUTING, MEDIA, PRESS, REDIS = "incident-routin", "incident-media", "incident-press", "valkey-server"
EXPORTS = "incident-export"
EVERYBODY = ("incident-web", ROUTING, MEDIA, "incident-push", PRESS, "incident-schedu", REDIS)
PAUSE_S_MAX = 0.3


class City(NamedTuple):
    """An installation, and what a test needs to look at it from outside and from behind."""

    installation: Installation
    witness: Witness
    gateway: Gateway

    def phone(self, number: str = "") -> Handset:
        return Handset(self.installation.address, number)


def sqlite_url(data_dir: Path) -> str:
    """Where an installation keeps its rows unless it is told otherwise."""
    return f"sqlite:///{data_dir / 'incidents.sqlite3'}"


@contextmanager
def a_city(data_dir: Path, database_url: str, **settings: str) -> Iterator[City]:
    """A city with the demo town in it."""
    with ExitStack() as room:
        gateway = room.enter_context(a_gateway())
        installation = room.enter_context(
            running(data_dir, DATABASE_URL=database_url, PUSH_CHANNEL=gateway.address,
                    LOGIN_CODE_CHANNEL=gateway.address, **settings))
        witness = Witness(data_dir, database_url)
        room.callback(witness.leave)
        yield City(installation, witness, gateway)


def hit(installation: Installation, kind: str, number: int = signal.SIGKILL) -> int:
    """Send a signal to the one process of a kind, as soon as there is one; its pid."""
    (pid,) = until(lambda: installation.of_kind(kind))
    os.kill(pid, number)
    return pid


@contextmanager
def held(installation: Installation, kind: str) -> Iterator[int]:
    """The one process of a kind stands still inside the block; its pid. It may be killed there."""
    pid = hit(installation, kind, signal.SIGSTOP)
    try:
        yield pid
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def death_at_large(installation: Installation, kinds: Sequence[str], chance: Random) -> Iterator[Callable[[], bool]]:
    """Inside the block one process after the other is killed, each kind as often as it is named; tells when all are."""
    victims, ended = chance.sample(kinds, len(kinds)), Event()

    def reap() -> None:
        for kind in victims:
            if ended.wait(chance.uniform(0, PAUSE_S_MAX)):
                return
            hit(installation, kind)

    reaper = Thread(target=reap)
    reaper.start()
    try:
        yield lambda: not reaper.is_alive()
    finally:
        ended.set()
        reaper.join()
