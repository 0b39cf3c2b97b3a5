"""Facts as bytes and back."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from incident_service.foundation.database import db
from incident_service.supervision.daybook.models import FigureLabel
from incident_service.supervision.facts import ID, LABELS, Facts, Labels
from incident_service.supervision.figures import Clocks

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


def packed(day: date, facts: Facts, lexicon: Lexicon) -> dict[str, Any]:
    """One page: the cases of a day, in the order of their ids."""
    ordered = facts.of(np.argsort(facts.ids, kind="stable"))
    return {
        "day": day, "cases": ordered.count,
        "codes": np.stack([lexicon.codes_of(ordered, kind) for kind in LABELS]).tobytes(),
        "moments": np.stack([getattr(ordered.clocks, name) for name in MOMENTS]).view(MOMENT).tobytes(),
        "places": ordered.places.astype(DEGREES).tobytes(),
        "ids": ordered.ids.tobytes()}


def unpacked(lexicon: Lexicon, codes: bytes, moments: bytes, places: bytes = b"", ids: bytes = b"") -> Facts:
    """The facts on a page; without their places and ids unless these were read."""
    columns = np.frombuffer(codes, dtype=CODE).reshape(len(LABELS), -1)
    numbers = np.frombuffer(moments, dtype=MOMENT).reshape(len(MOMENTS), -1)
    at = dict(zip(MOMENTS, numbers.view("datetime64[us]"), strict=True))
    done = np.where(np.isnat(at["rectified"]), at["closed"], at["rectified"])
    return Facts({kind: Labels(lexicon.known[kind], column) for kind, column in zip(LABELS, columns, strict=True)},
                 Clocks(**at, done=done), np.frombuffer(ids, dtype=ID),
                 np.frombuffer(places, dtype=DEGREES).reshape(-1, 2))
