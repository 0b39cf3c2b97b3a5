"""Cases as columns of numbers: their clocks, and labels that say where, what and whose each is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from incident_service.supervision.figures import Clocks

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
LABELS = ("area", "beat", "category", "condition", "kind", "status")
FIRE_AREA = "fire_area"                             # read only when it is asked for: pages do not hold it
OF_RESPONDERS = ("responder", "role")
NOT_COUNTED = ("void", "merged")                    # no case, or counted as the case it was merged into
NOWHERE = np.empty((0, 2))
ID = np.dtype("S16")                                # a case's id; comparing pads with NUL, so none is lost


class Labels(NamedTuple):
    """One label a row: row `i` bears `known[codes[i]]`; None where a row has none."""

    known: Sequence[Any]
    codes: NDArray[Any]

    def of(self, rows: Any) -> "Labels":
        """Those of some rows."""
        return Labels(self.known, self.codes[rows])

    def in_order(self) -> "Labels":
        """The labels that occur, sorted, None last."""
        here = np.flatnonzero(np.bincount(self.codes)).tolist()
        order = sorted(here, key=lambda at: (self.known[at] is None, self.known[at] or ""))
        places = np.zeros(max(len(self.known), 1), dtype=np.intp)
        places[order] = np.arange(len(order))
        return Labels([self.known[at] for at in order], places[self.codes])

    def where(self, fits: Callable[[Any], bool]) -> Mask:
        """The rows whose label fits."""
        return np.array([fits(each) for each in self.known] or [False], dtype=np.bool_)[self.codes]

    def translated(self, key: Callable[[Any], Any]) -> "Labels":
        """With other labels, some of which may have become the same."""
        places: dict[Any, int] = {}
        merged = [places.setdefault(key(each), len(places)) for each in self.known]
        return Labels(list(places), np.array(merged or [0], dtype=np.intp)[self.codes])


@dataclass(frozen=True, slots=True)
class Facts:
    """Many cases (or, for responders, many responders' shares in cases). `ids` and `places` (longitude, latitude) may
    be empty: nobody asked."""

    labels: Mapping[str, Labels]
    clocks: Clocks
    ids: NDArray[np.bytes_]
    places: NDArray[np.float64] = field(default_factory=lambda: NOWHERE)

    @property
    def count(self) -> int:
        """How many rows."""
        return len(self.clocks.opened)

    def of(self, rows: Any) -> "Facts":
        """Some rows only: their indices, or a mask."""
        return Facts({name: each.of(rows) for name, each in self.labels.items()},
                     Clocks(*(at[rows] for at in self.clocks)), self.ids[rows] if len(self.ids) else self.ids,
                     self.places[rows] if len(self.places) else self.places)

    def without_ids(self) -> "Facts":
        """The same, its ids let go, and its places."""
        return replace(self, ids=np.empty(0, dtype=ID), places=NOWHERE)

    def counted(self) -> Mask:
        """The rows that figures count."""
        return ~self.labels["status"].where(lambda status: status in NOT_COUNTED)

    def only_counted(self) -> "Facts":
        """Those rows."""
        counted = self.counted()
        return self if counted.all() else self.of(counted)


def nothing(labels: Iterable[str] = LABELS) -> Facts:
    """No case at all."""
    return Facts({name: Labels([], np.empty(0, dtype=np.intp)) for name in labels},
                 Clocks(*(np.empty(0, dtype="datetime64[us]") for _ in Clocks._fields)), np.empty(0, dtype=ID))


def together(parts: Sequence[Facts]) -> Facts:
    """All rows of several."""
    parts = [each for each in parts if each.count] or list(parts[:1]) or [nothing()]
    if len(parts) == 1:
        return parts[0]
    return Facts({name: _joined([each.labels[name] for each in parts]) for name in parts[0].labels},
                 Clocks(*(np.concatenate(column) for column in zip(*(each.clocks for each in parts), strict=True))),
                 np.concatenate([each.ids for each in parts]), np.concatenate([each.places for each in parts]))


def _joined(parts: Sequence[Labels]) -> Labels:
    if all(each.known is parts[0].known for each in parts):
        return Labels(parts[0].known, np.concatenate([each.codes for each in parts]))
    places: dict[Any, int] = {}
    codes = [np.array([places.setdefault(label, len(places)) for label in each.known] or [0], dtype=np.intp)[each.codes]
             for each in parts]
    return Labels(list(places), np.concatenate(codes))
