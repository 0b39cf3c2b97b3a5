"""Signals as something to wait for, instead of something that interrupts."""

import os
import select
import signal


class Signals:
    """Gathers the given signals of this process from now on. One such object a process."""

    def __init__(self, *numbers: int) -> None:
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def wait(self, seconds: float) -> set[int]:
        """The signals that came, as soon as one does; none when `seconds` pass without."""
        select.select([self._read], [], [], max(seconds, 0))
        try:
            return set(os.read(self._read, 512))
        except BlockingIOError:
            return set()
