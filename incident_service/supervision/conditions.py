"""The named conditions of which rates are made. No database, no Flask."""

from collections.abc import Callable, Collection, Mapping

import numpy as np

from incident_service.supervision.facts import Facts, Mask

MARKS = ("rework", "return", "extend", "suspend", "reopen")     # moves that a case's history is asked for
ANSWERS = ("answered", "solved", "satisfied")       # what reporters said of its last closing they spoke of


class Marked:
    """Cases with what their history and their reporters say of them."""

    def __init__(self, facts: Facts, having: Mapping[str, Collection[bytes]], now: np.datetime64) -> None:
        self.facts, self.clocks, self.now = facts, facts.clocks, now
        self.having = {said: np.isin(facts.ids, np.array(list(ids) or [b""], dtype=facts.ids.dtype))
                       for said, ids in having.items()}

    def fulfil(self, names: Collection[str]) -> Mask:
        """The cases that fulfil all of these conditions."""
        passing = np.ones(self.facts.count, dtype=np.bool_)
        for name in names:
            passing &= CONDITIONS[name](self)
        return passing


def _closed(some: Marked) -> Mask:
    return ~np.isnat(some.clocks.closed)


def _rectified(some: Marked) -> Mask:
    return ~np.isnat(some.clocks.done)


def _in_time(some: Marked) -> Mask:
    return some.clocks.done <= some.clocks.due


def _overdue(some: Marked) -> Mask:
    return np.where(np.isnat(some.clocks.done), some.now, some.clocks.done) > some.clocks.due


def _asked(some: Marked) -> Mask:
    """Closed, and reported here: its reporters were asked what they think. Imported history has nobody to ask."""
    return _closed(some) & some.facts.labels["kind"].where(lambda kind: kind is None)


CONDITIONS: Mapping[str, Callable[[Marked], Mask]] = {
    "all": lambda some: np.ones(some.facts.count, dtype=np.bool_),
    "closed": _closed,
    "closed_in_time": lambda some: _closed(some) & _in_time(some),
    "rectified": _rectified,
    "rectified_in_time": _in_time,
    "overdue": _overdue,
    "reworked": lambda some: some.having["rework"],
    "returned": lambda some: some.having["return"],
    "extended": lambda some: some.having["extend"],
    "suspended": lambda some: some.having["suspend"],
    "reopened": lambda some: some.having["reopen"],
    "asked": _asked,
    "answered": lambda some: some.having["answered"],
    "solved": lambda some: some.having["solved"],
    "satisfied": lambda some: some.having["satisfied"],
}
