"""Stretches of time: joined, and taken from one another. No database, no Flask."""

from collections.abc import Iterable
from datetime import datetime

Stretch = tuple[datetime, datetime]


def joined(some: Iterable[Stretch]) -> list[Stretch]:
    """The same time in as few stretches as possible, in order; empty ones left out."""
    found: list[Stretch] = []
    for begins, ends in sorted(each for each in some if each[0] < each[1]):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def without(some: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What is left of `some` when `taken` is taken away."""
    away, left = joined(taken), []
    for since, ends in joined(some):
        begins = since
        for taken_from, taken_to in away:
            if taken_to <= begins:
                continue
            if taken_from >= ends:
                break
            left.append((begins, taken_from))
            begins = taken_to
        left.append((begins, ends))
    return joined(left)


def shared(some: Iterable[Stretch], others: Iterable[Stretch]) -> list[Stretch]:
    """The time that lies in both."""
    one = joined(some)
    return without(one, without(one, others))
