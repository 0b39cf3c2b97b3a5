"""On which core a test process asks its database: the same, where several processes have the cores among them.

To ask a server on another core, each has to wake the other: four times as long, in which that core waits as well.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
_ALL = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
_OWN = {sorted(_ALL)[int(_PROCESS) % len(_ALL)]} if _PROCESS and _ALL else _ALL


def take(*, all_of_them: bool) -> None:
    """Go on with the core of this process alone, or with all, as do whoever is started from now on."""
    if _ALL:
        os.sched_setaffinity(0, _ALL if all_of_them else _OWN)


@contextmanager
def own() -> Iterator[None]:
    """Whoever is started inside the block stays with the core of this process."""
    before = os.sched_getaffinity(0) if _ALL else set()
    take(all_of_them=False)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)
