"""The cases behind a figure: the very rows that were counted, so that list and figure agree."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from sqlalchemy import select

from incident_service.cases import Case
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.words import both
from incident_service.supervision.facts import ID, NOT_COUNTED, Facts, Mask, Rows
from incident_service.supervision.figures import Clocks, has_deadline, has_negative, is_known, spans
from incident_service.supervision.filters import Filters
from incident_service.supervision.periods import Period
from incident_service.supervision.places import facts_of_spot, facts_within
from incident_service.supervision.reading import uuid_of
from incident_service.supervision.response_times import facts_about
from incident_service.supervision.scope import Scope

ID_BYTES = 16
REPEATS_BYTES = 2                                   # shares in one case are as many rows


class Figure(StrEnum):
    """Which figure the cases are behind."""

    CASES = "cases"
    CLOSED = "closed"
    STILL_OPEN = "open"
    WITHIN_LIMIT = "within_limit"
    WITH_DEADLINE = "with_deadline"                 # to keep: those that are in time, late, or may still be either
    LATE = "late"                                   # done after the limit, or past it and not done
    NEGATIVE_SPANS = "negative_spans"               # with at least one
    TO_DISPATCH = "to_dispatch"                     # those that were timed
    TO_ACCEPT = "to_accept"
    TO_RECTIFY = "to_rectify"
    TO_CLOSE = "to_close"
    LEFT_OUT = "left_out"                           # void or merged
    VOID = "void"
    MERGED = "merged"


class CasesBehind(NamedTuple):
    """One page of the cases, newest first, and how many there are in all."""

    items: Sequence[Case]
    next_cursor: str | None
    in_all: int


def cases_behind(scope: Scope, period: Period, filters: Filters, figure: Figure, *, limit: int, cursor: str = "",
                 hexagon: str | None = None, spot: str | None = None) -> CasesBehind:
    """The cases that a figure counts, perhaps those in one hexagon or of one recurring spot alone. Raises Invalid
    (cursor)."""
    if spot:
        found = facts_of_spot(spot, scope, period, filters)
    else:
        found = facts_within(hexagon, scope, period, filters) if hexagon else facts_about(scope, period, filters)
    return page_of(found.of(_behind(found, figure)), limit=limit, cursor=cursor)


def page_of(found: Facts, *, limit: int, cursor: str) -> CasesBehind:
    """One page of these cases, newest first. Raises Invalid (cursor)."""
    order = newest_first(found)
    begins = _place_after(found, order, cursor)
    ends = begins + limit
    shown = order[begins:ends]
    ids = [uuid_of(id) for id in found.ids[shown].tolist()]
    known = {case.id: case for case in db.session.scalars(select(Case).where(Case.id.in_(ids)))}
    more = _cursor(found, order[:ends]) if ends < len(order) else None
    return CasesBehind([known[id] for id in ids if id in known], more, found.count)


def newest_first(found: Facts) -> Rows:
    """The rows in the order of lists."""
    return np.lexsort((found.ids, found.clocks.opened))[::-1]


def _behind(found: Facts, figure: Figure) -> Mask:
    clocks, counted = found.clocks, found.counted()
    if figure is Figure.LEFT_OUT:
        return ~counted
    if figure in NOT_COUNTED:
        return found.labels["status"].where(lambda status: status == figure)
    return counted & _told(clocks, figure)


def _told(clocks: Clocks, figure: Figure) -> Mask:
    """Which of the counted cases a figure tells of."""
    if figure in STEPS:
        return is_known(spans(clocks)[STEPS.index(figure)])
    return TOLD[figure](clocks)


def _is_late(clocks: Clocks) -> Mask:
    now = np.datetime64(clock.now().replace(tzinfo=None), "us")
    return np.where(np.isnat(clocks.done), now, clocks.done) > clocks.due


TOLD: Mapping[Figure, Callable[[Clocks], Mask]] = {
    Figure.CASES: lambda clocks: ~np.isnat(clocks.opened),
    Figure.CLOSED: lambda clocks: ~np.isnat(clocks.closed),
    Figure.STILL_OPEN: lambda clocks: np.isnat(clocks.closed),
    Figure.WITHIN_LIMIT: lambda clocks: clocks.done <= clocks.due,
    Figure.WITH_DEADLINE: has_deadline,
    Figure.LATE: _is_late,
    Figure.NEGATIVE_SPANS: lambda clocks: has_negative(spans(clocks)),
}
STEPS = (Figure.TO_DISPATCH, Figure.TO_ACCEPT, Figure.TO_RECTIFY, Figure.TO_CLOSE)


def _cursor(found: Facts, shown: Rows) -> str:
    """Where a page ends: the moment and the id of its last row, and how many of the rows so far bear that id."""
    last = shown[-1]
    repeats = int(np.count_nonzero(found.ids[shown] == found.ids[last]))
    place = (int(found.clocks.opened[last].astype(np.int64)).to_bytes(8, "big", signed=True)
             + found.ids[last].ljust(ID_BYTES, b"\0") + repeats.to_bytes(REPEATS_BYTES, "big"))
    return base64.urlsafe_b64encode(place).decode()


def _place_after(found: Facts, order: Rows, cursor: str) -> int:
    """How many rows stand up to and including the one that the cursor names."""
    if not cursor:
        return 0
    try:
        place = base64.urlsafe_b64decode(cursor.encode())
        if len(place) != 8 + ID_BYTES + REPEATS_BYTES:
            raise ValueError("a cursor has 26 bytes")
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise Invalid(errors=[FieldError("#/cursor", both("游标无效", "This cursor is not one of ours"))]) from error
    opened, id = np.int64(int.from_bytes(place[:8], "big", signed=True)), np.array(place[8:8 + ID_BYTES], dtype=ID)
    moments, ids = found.clocks.opened.view(np.int64)[order], found.ids[order]
    before = int(np.count_nonzero((moments > opened) | ((moments == opened) & (ids > id))))
    same = int(np.count_nonzero((moments == opened) & (ids == id)))
    return before + min(same, int.from_bytes(place[8 + ID_BYTES:], "big"))
