"""Loading much that stays."""

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Spare the garbage collector from looking through what is loaded inside the block, again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def loaded_for_good() -> Iterator[None]:
    """The same for what lives as long as the process does: the collector never looks through it, nor through all that
    lives by then; nor through anything when the process ends, which is a quarter of all that a short command takes."""
    with nothing_collected():
        yield
        gc.freeze()
        atexit.unregister(gc.freeze)                    # once, however often
        atexit.register(gc.freeze)
