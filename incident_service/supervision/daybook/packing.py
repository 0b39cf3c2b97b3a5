"""Facts as bytes and back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from incident_service.supervision.facts import ID, LABELS, Facts, Labels
from incident_service.supervision.figures import Clocks

MOMENTS = ("opened", "pushed", "accepted", "rectified", "closed", "due")      # `done` follows from them
CODE = np.dtype("<u4")
MOMENT = np.dtype("<i8")
PLACE = np.dtype("<u4")


def packed(day: date, facts: Facts) -> dict[str, Any]:
    """One page: the cases of a day, in the order of their ids."""
    ordered = facts.of(np.argsort(facts.ids, kind="stable"))
    labels = [ordered.labels[name].in_order() for name in LABELS]
    return {
        "day": day, "cases": ordered.count,
        "known": {name: list(each.known) for name, each in zip(LABELS, labels, strict=True)},
        "codes": np.stack([each.codes for each in labels]).astype(CODE).tobytes(),
        "moments": np.stack([getattr(ordered.clocks, name) for name in MOMENTS]).view(MOMENT).tobytes(),
        "ids": ordered.ids.tobytes()}


def unpacked(known: Mapping[str, Sequence[Any]], codes: bytes, moments: bytes, ids: bytes = b"") -> Facts:
    """The facts on a page; without their ids unless those were read."""
    columns = np.frombuffer(codes, dtype=CODE).reshape(len(LABELS), -1)
    at = dict(zip(MOMENTS, np.frombuffer(moments, dtype=MOMENT).reshape(len(MOMENTS), -1).view("datetime64[us]"),
                  strict=True))
    done = np.where(np.isnat(at["rectified"]), at["closed"], at["rectified"])
    return Facts({name: Labels(known[name], column) for name, column in zip(LABELS, columns, strict=True)},
                 Clocks(**at, done=done), np.frombuffer(ids, dtype=ID))


def of_page(page: Any) -> Facts:
    """The facts on a whole page, as a row of its table."""
    return unpacked(page.known, page.codes, page.moments, page.ids)
