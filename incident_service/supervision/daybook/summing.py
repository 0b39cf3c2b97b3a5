"""Tallies of days, months and years as rows of a table and back. What a day adds to its month and its year is known to
the last case, so their sums are amended rather than made again."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, delete, insert, or_, select

from incident_service.foundation.database import BYTES, db
from incident_service.supervision.daybook.days import FIRST_OF, NEXT, stretches
from incident_service.supervision.daybook.models import FigureSum, Length
from incident_service.supervision.facts import Facts
from incident_service.supervision.scope import STREET_DIGITS
from incident_service.supervision.tally import BUCKETS, STEPS, WIDTH, Tally, merged, tally

STREET, CATEGORY = DIMENSIONS = ("street", "category")
PLACE = np.dtype("<u2")                            # there are fewer buckets than that
MADE_OF = {Length.MONTH: Length.DAY, Length.YEAR: Length.MONTH}


def tally_by(dimension: str, facts: Facts) -> Tally:
    """The tally by what a sum tells cases apart; of an area only what is at most a street remains."""
    if dimension == CATEGORY:
        return tally(facts, facts.labels["category"])
    return tally(facts, facts.labels["area"].translated(lambda area: area[:STREET_DIGITS] if area else None))


def tallies_within(dimension: str, first: date, after: date) -> list[Tally]:
    """The tallies that together are those of these days, as few as there are."""
    found: list[Tally] = []
    for sign in (1, -1):
        parts = [(FigureSum.length == length) & (FigureSum.first >= since) & (FigureSum.first < until)
                 for way, length, since, until in stretches(first, after) if way == sign]
        kept = _kept((FigureSum.dimension == dimension) & or_(*parts)).values() if parts else ()
        found += kept if sign > 0 else [each.negative() for each in kept]
    return found


def made_of(dimension: str, length: Length, first: date) -> Tally:
    """A month's tally, added up from its days, or a year's from its months."""
    return merged(_kept((FigureSum.dimension == dimension) & (FigureSum.length == MADE_OF[length])
                        & (FigureSum.first >= first) & (FigureSum.first < NEXT[length](first))).values())


def write_sums(pages: Mapping[date, Facts]) -> None:
    """Write the tallies of these days, and those of the months and years in which they lie."""
    for dimension in DIMENSIONS:
        made = {day: tally_by(dimension, facts) for day, facts in pages.items()}
        were = _kept(_are(dimension, Length.DAY, made))
        _replace(dimension, Length.DAY, made)
        changed = [(day, [now, *([were[day].negative()] if day in were else [])]) for day, now in made.items()]
        for length in MADE_OF:
            by_first: dict[date, list[Tally]] = {}
            for day, parts in changed:
                by_first.setdefault(FIRST_OF[length](day), []).extend(parts)
            kept = _kept(_are(dimension, length, by_first))
            _replace(dimension, length, {
                first: merged([kept[first], *parts]).filled() if first in kept else made_of(dimension, length, first)
                for first, parts in by_first.items()})


def sum_row(dimension: str, length: Length, first: date, one: Tally) -> dict[str, Any]:
    """A tally as it is kept: of each row and step how many buckets are filled, then which, and how often each is, in as
    few bytes as hold the largest number."""
    steps, buckets = np.divmod(one.places, BUCKETS)
    filled = np.bincount(steps, minlength=len(one.keys) * STEPS)
    fitting = np.min_scalar_type(one.fills.max(initial=0)).newbyteorder("<")
    return {"dimension": dimension, "length": length, "first": first, "keys": list(one.keys),
            "numbers": one.numbers.tobytes(), "places": np.concatenate([filled, buckets]).astype(PLACE).tobytes(),
            "fills": one.fills.astype(fitting).tobytes()}


def _as_tally(keys: list[Any], numbers: bytes, places: bytes, fills: bytes) -> Tally:
    """The same back."""
    steps = len(keys) * STEPS
    filled, buckets = np.split(np.frombuffer(places, dtype=PLACE), [steps])
    fitting = np.dtype(f"<u{len(fills) // len(buckets)}") if len(buckets) else PLACE
    return Tally(keys, np.frombuffer(numbers, dtype=np.int64).reshape(-1, WIDTH),
                 np.repeat(np.arange(steps, dtype=np.int64) * BUCKETS, filled) + buckets,
                 np.frombuffer(fills, dtype=fitting).astype(np.int64))


def _are(dimension: str, length: Length, firsts: Iterable[date]) -> ColumnElement[bool]:
    return (FigureSum.dimension == dimension) & (FigureSum.length == length) & FigureSum.first.in_(list(firsts))


def _kept(which: ColumnElement[bool]) -> dict[date, Tally]:
    columns = (FigureSum.first, FigureSum.keys, FigureSum.numbers, FigureSum.places, FigureSum.fills)
    return {first: _as_tally(*row) for first, *row in db.session.execute(
        select(*columns).where(which), execution_options=BYTES)}


def _replace(dimension: str, length: Length, tallies: Mapping[date, Tally]) -> None:
    db.session.execute(delete(FigureSum).where(_are(dimension, length, tallies)))
    rows = [sum_row(dimension, length, first, one) for first, one in tallies.items() if one.keys]
    if rows:
        db.session.execute(insert(FigureSum), rows)
