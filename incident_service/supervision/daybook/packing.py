"""Facts as bytes and back."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from incident_service.foundation.database import db
from incident_service.supervision.daybook.models import FigureLabel
from incident_service.supervision.facts import ID, LABELS, Facts, Labels
from incident_service.supervision.figures import Clocks
from incident_service.supervision.periods import Moments

MOMENTS = ("opened", "pushed", "accepted", "rectified", "closed", "due")      # `done` follows from them
CODE = np.dtype("<u4")
MOMENT, DEGREES = np.dtype("<i8"), np.dtype("<f8")


class Lexicon:
    """All labels that pages name, by kind: `known[kind][code]` is a label, None where another kind has the code."""

    def __init__(self) -> None:
        self._read()

    def _read(self) -> None:
        rows = db.session.execute(select(FigureLabel.id, FigureLabel.kind, FigureLabel.label)).all()
        self.size: int = max((id for id, _, _ in rows), default=-1) + 1
        self.codes = {(kind, label): id for id, kind, label in rows}
        self.known: dict[str, list[Any]] = {kind: [None] * self.size for kind in LABELS}
        for id, kind, label in rows:
            self.known[kind][id] = label

    def learn(self, facts: Facts) -> None:
        """Add the labels that are new. Must be called inside a transaction, alone."""
        new = [(kind, label) for kind in LABELS for label in facts.labels[kind].in_order().known
               if (kind, label) not in self.codes]
        if new:
            db.session.execute(insert(FigureLabel), [
                {"id": id, "kind": kind, "label": label} for id, (kind, label) in enumerate(new, self.size)])
            self._read()

    def codes_of(self, facts: Facts, kind: str) -> NDArray[Any]:
        """The column of one kind, as pages keep it."""
        labels = facts.labels[kind]
        codes = [self.codes.get((kind, label), 0) for label in labels.known]
        return np.array(codes or [0], dtype=CODE)[labels.codes]


class Page(NamedTuple):
    """The lines of a day as a page keeps them: a row a kind of label, a row a clock; `places` and `ids` are empty
    unless these were read."""

    codes: NDArray[Any]
    moments: NDArray[Any]
    places: NDArray[np.float64]
    ids: NDArray[np.bytes_]

    @property
    def opened(self) -> Moments:
        """When each was reported."""
        return self.moments[0].view("datetime64[us]")

    def of(self, rows: Any) -> "Page":
        """Some lines only."""
        return Page(self.codes[:, rows], self.moments[:, rows], self.places[rows] if len(self.places) else self.places,
                    self.ids[rows] if len(self.ids) else self.ids)

    def without_ids(self) -> "Page":
        """The same, its ids let go."""
        return self._replace(ids=self.ids[:0])


def packed(day: date, facts: Facts, lexicon: Lexicon) -> dict[str, Any]:
    """One page: the cases of a day, in the order of their ids."""
    ordered = facts.of(np.argsort(facts.ids, kind="stable"))
    return {
        "day": day, "cases": ordered.count,
        "codes": np.stack([lexicon.codes_of(ordered, kind) for kind in LABELS]).tobytes(),
        "moments": np.stack([getattr(ordered.clocks, name) for name in MOMENTS]).view(MOMENT).tobytes(),
        "places": ordered.places.astype(DEGREES).tobytes(),
        "ids": ordered.ids.tobytes()}


def page_of(codes: bytes, moments: bytes, places: bytes = b"", ids: bytes = b"") -> Page:
    """A page as it was kept."""
    return Page(np.frombuffer(codes, dtype=CODE).reshape(len(LABELS), -1),
                np.frombuffer(moments, dtype=MOMENT).reshape(len(MOMENTS), -1),
                np.frombuffer(places, dtype=DEGREES).reshape(-1, 2), np.frombuffer(ids, dtype=ID))


def unpacked(lexicon: Lexicon, pages: Sequence[Page]) -> Facts:
    """The facts on at least one page, copied once, however many there are."""
    codes, moments = (np.concatenate(each, axis=1) for each in zip(*(page[:2] for page in pages), strict=True))
    at = dict(zip(MOMENTS, moments.view("datetime64[us]"), strict=True))
    done = np.where(np.isnat(at["rectified"]), at["closed"], at["rectified"])
    return Facts({kind: Labels(lexicon.known[kind], column) for kind, column in zip(LABELS, codes, strict=True)},
                 Clocks(**at, done=done), np.concatenate([page.ids for page in pages]),
                 np.concatenate([page.places for page in pages]))
