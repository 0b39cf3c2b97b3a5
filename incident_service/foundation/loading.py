"""Loading much that stays."""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Spare the garbage collector from looking through what is loaded inside the block, again and again; and once more
    when the process ends, where that takes a quarter of all that a short command takes."""
    was_enabled = gc.isenabled()
    gc.disable()
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """The same for what lives as long as the process does: the collector never looks through it."""
    with nothing_collected():
        yield
        gc.freeze()
