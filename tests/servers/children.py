"""A server as a child of the test run: it ends with the block, and with the test run however that ends."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from incident_service.operations.processes import die_with

STOP_SECONDS_MAX = 20


@contextmanager
def child_of_ours(
    command: list[str], *, stop_signal: int = signal.SIGTERM, **options: Any,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `command` inside the block. `stop_signal` ends it, kindly at the end of the block."""
    us = os.getpid()
    child = subprocess.Popen(
        command, preexec_fn=lambda: die_with(us, stop_signal),  # noqa: PLW1509 (it takes no lock)
        start_new_session=True, stdin=subprocess.DEVNULL, **options)
    try:
        yield child
    finally:
        child.send_signal(stop_signal)
        child.wait(STOP_SECONDS_MAX)
