"""Tallies as rows of a table and back."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, select

from incident_service.foundation.database import BYTES, db
from incident_service.supervision.daybook.models import FigureMonth
from incident_service.supervision.facts import Facts, Labels
from incident_service.supervision.scope import STREET_DIGITS
from incident_service.supervision.tally import WIDTH, Tally

STREET, CATEGORY = DIMENSIONS = ("street", "category")
YEAR = "year:"
PLACE = np.dtype("<u4")


def dimension_of(facts: Facts, dimension: str) -> Labels:
    """By what a summary tells cases apart; of an area only what is at most a street remains."""
    if dimension == CATEGORY:
        return facts.labels["category"]
    return facts.labels["area"].translated(lambda area: area[:STREET_DIGITS] if area else None)


def summary_row(month: date, dimension: str, one: Tally) -> dict[str, Any]:
    """A tally as it is kept."""
    return {"month": month, "dimension": dimension, "keys": list(one.keys), "numbers": one.numbers.tobytes(),
            "places": one.places.astype(PLACE).tobytes(), "fills": one.fills.astype(PLACE).tobytes()}


def tallies(which: ColumnElement[bool]) -> Iterator[Tally]:
    """The tallies that are kept."""
    columns = (FigureMonth.keys, FigureMonth.numbers, FigureMonth.places, FigureMonth.fills)
    rows = db.session.execute(select(*columns).where(which).order_by(FigureMonth.month), execution_options=BYTES)
    for keys, numbers, places, fills in rows:
        where, often = (np.frombuffer(each, dtype=PLACE).astype(np.int64) for each in (places, fills))
        yield Tally(keys, np.frombuffer(numbers, dtype=np.int64).reshape(-1, WIDTH), where, often)
