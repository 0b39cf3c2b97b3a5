"""How much one picture may cost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Limits:
    """Pixels a picture may have, and the time and memory one piece of work on it may take; how long it may
    wait for its turn.

    Time is what a clock on the wall shows, or, `in_no_hurry`, what the work itself took: a press that yields to
    everybody else may be held up for long by no fault of its picture.
    """

    pixels_max: int = 50_000_000
    seconds_max: float = 10
    memory_bytes_max: int = 1024 * 1024 * 1024
    wait_seconds_max: float = 60
    in_no_hurry: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The limits that an installation's settings state."""
        return cls(config["PHOTO_PIXELS_MAX"], config["PRESS_SECONDS_MAX"], config["PRESS_MEMORY_BYTES_MAX"],
                   config["PRESS_WAIT_SECONDS_MAX"])

    def unhurried(self) -> Self:
        """The same for a press that yields to everybody else."""
        return replace(self, in_no_hurry=True)

    @property
    def answer_seconds_max(self) -> float:
        """How long an answer may take, by the clock on the wall, once it is one's turn."""
        return self.wait_seconds_max if self.in_no_hurry else self.seconds_max + 1
