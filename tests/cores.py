"""On which core a test process asks its database: the same, where several processes have the cores among them.

To ask a server on another core, each has to wake the other: four times as long, in which that core waits as well. Tests
of what several do at the same moment have all cores, and so have whole installations.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from tests.scheduling import INSTALLATIONS

# what a module of such tests has imported
AT_ONCE = {"Barrier", "Thread", "ThreadPoolExecutor", "all_at_once", "multiprocessing", "subprocess", "threading"}
_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
_ALL = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
_OWN = {sorted(_ALL)[int(_PROCESS) % len(_ALL)]} if _PROCESS and _ALL else _ALL
_servers: set[int] = set()


def take_for(item: pytest.Item) -> None:
    """Go on with the core of this process alone or with all of them, as do whoever is started from now on and the
    servers' new connections."""
    several = item.nodeid.startswith(INSTALLATIONS) or AT_ONCE & vars(getattr(item, "module", None) or object).keys()
    if _ALL:
        for process in (0, *_servers):
            with suppress(ProcessLookupError):
                os.sched_setaffinity(process, _ALL if several else _OWN)


@contextmanager
def shared_with_servers() -> Iterator[None]:
    """Whoever is started inside the block serves this process, and goes with it from core to core."""
    before = _children()
    yield
    _servers.update(_children() - before)


def _children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}
