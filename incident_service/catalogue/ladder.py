"""What happens to a dispatch nobody accepts: pushed again, then the deputy, the community, the street. Pure facts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class To(StrEnum):
    """Who is called next."""

    AGAIN = "again"                     # the same responder, once more
    DEPUTY = "deputy"                   # B 角
    COMMUNITY = "community"
    STREET = "street"


@dataclass(frozen=True)
class Rung:
    """One rung: so long after the push, or after the rung before, somebody is called."""

    after_minutes: int
    to: To

    @property
    def after(self) -> timedelta:
        """How long it waits."""
        return timedelta(minutes=self.after_minutes)


@dataclass(frozen=True)
class Ladder:
    """The rungs for one part of some categories (of all, when none is named), and when a near deadline is told."""

    code: str
    part: str
    categories: frozenset[str]
    soon_due_minutes: int
    rungs: tuple[Rung, ...]
    source: str

    @property
    def soon_due(self) -> timedelta:
        """How long before the deadline its coming near is told."""
        return timedelta(minutes=self.soon_due_minutes)

    def is_for(self, category: str, part: str) -> bool:
        """Whether it holds for this part of a case in this category."""
        return part == self.part and (not self.categories or category in self.categories)
