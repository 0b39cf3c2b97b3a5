"""What a city asks of the photos of a report: rules, and which of them a set of photos does not meet.

Pure: times go in, findings come out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Check(StrEnum):
    """What may be wanting."""

    TOO_FEW = "too_few"
    TOO_CLOSE_IN_TIME = "too_close_in_time"
    TOO_OLD = "too_old"
    NOT_LIVE = "not_live"


class Action(StrEnum):
    """What follows from it."""

    WARN = "warn"
    REFUSE = "refuse"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Rule:
    """One check with its bound: photos, seconds, hours or minutes."""

    category: str
    check: Check
    value: int
    action: Action
    source: str


class Finding(NamedTuple):
    """A rule that is not met: by the photo at `place` (from 0), or by all of them together (None)."""

    rule: Rule
    place: int | None


def findings(rules: Sequence[Rule], taken: Sequence[datetime | None], *, received_at: datetime) -> list[Finding]:
    """Which rules the photos do not meet; `taken` says when each was taken, as far as that is known."""
    found: list[Finding] = []
    for rule in rules:
        if rule.action is not Action.OFF:
            found += (Finding(rule, place) for place in _places(rule, taken, received_at))
    return found


def _places(rule: Rule, taken: Sequence[datetime | None], received_at: datetime) -> Iterator[int | None]:
    known = [moment for moment in taken if moment is not None]
    if rule.check is Check.TOO_FEW:
        yield from [None] if len(taken) < rule.value else []
    elif rule.check is Check.TOO_CLOSE_IN_TIME:
        yield from [None] if len(known) > 1 and max(known) - min(known) <= timedelta(seconds=rule.value) else []
    elif rule.check is Check.TOO_OLD:
        oldest = received_at - timedelta(hours=rule.value)
        yield from (place for place, moment in enumerate(taken) if moment is not None and moment < oldest)
    else:
        oldest = received_at - timedelta(minutes=rule.value)
        yield from (place for place, moment in enumerate(taken) if moment is None or moment < oldest)
