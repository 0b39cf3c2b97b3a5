"""How much one picture may cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Limits:
    """Pixels a picture may have, and the time and memory one piece of work on it may take; how long it may
    wait for its turn."""

    pixels_max: int = 50_000_000
    seconds_max: float = 10
    memory_bytes_max: int = 1024 * 1024 * 1024
    wait_seconds_max: float = 60

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """The limits that an installation's settings state."""
        return cls(config["PHOTO_PIXELS_MAX"], config["PRESS_SECONDS_MAX"], config["PRESS_MEMORY_BYTES_MAX"],
                   config["PRESS_WAIT_SECONDS_MAX"])
