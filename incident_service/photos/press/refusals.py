"""Why a picture is not taken: the press's only answer besides a picture."""

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a file."""

    EMPTY = "empty"                 # no bytes at all
    TYPE = "type"                   # no picture of a kind we take
    PIXELS = "pixels"               # more pixels than the limit, whatever the file weighs
    BROKEN = "broken"               # cut off, or does not decode
    DEADLY = "deadly"               # took more time or memory than a picture may


class Refused(Exception):
    """This file is no picture we take. `seems` is what it is instead, where that is known."""

    def __init__(self, reason: Reason, seems: str = "") -> None:
        super().__init__(reason.value, seems)
        self.reason, self.seems = reason, seems


class PressAway(Exception):
    """No press could be reached, or none answered in time: nothing is known of the picture."""
