"""Rates: numerator, denominator, and the cases behind both."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from flask import current_app
from sqlalchemy import ColumnElement, Integer, and_, cast, func, select

from incident_service.cases import Answer, Case, CaseEvent, Move
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import Words
from incident_service.supervision import grouping, reading
from incident_service.supervision.conditions import ANSWERS, MARKS, Marked
from incident_service.supervision.facts import Facts, Mask
from incident_service.supervision.figures import has_deadline
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import OF_RESPONDERS, GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.rate_table import DUE, Rate
from incident_service.supervision.response_times import labels_needed
from incident_service.supervision.scope import Scope

DECIMALS = 2


class Part(StrEnum):
    """Which side of the line."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


class Value(NamedTuple):
    """A rate of some cases; no percentage where there is nothing below the line."""

    rate: Rate
    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """Out of a hundred."""
        return round(100 * self.numerator / self.denominator, DECIMALS) if self.denominator else None


class RateItem(NamedTuple):
    """One group and its rates."""

    key: str | None
    name: str | Words
    values: list[Value]


class Rates(NamedTuple):
    """The rates of a period, side by side and all together."""

    period: Period
    group_by: GroupBy | None
    rates: Sequence[Rate]
    items: list[RateItem]
    total: list[Value]


def rates_of(scope: Scope, period: Period, wanted: Sequence[Rate], *, group_by: GroupBy | None = None,
             filters: Filters = Filters()) -> Rates:                                            # noqa: B008
    """The wanted rates of the cases that lie within the scope and pass the filters. A case counts once in each, but for
    the responders: there it is with each whom it was given, by the responder's own clocks."""
    with snapshot():
        total: list[Value] = []
        groups: dict[str | None, dict[str, Value]] = defaultdict(dict)
        marked = {at: _marked(scope, period, filters, at, group_by) for at in {rate.counted_by for rate in wanted}}
        shares = marked if group_by not in OF_RESPONDERS or filters.is_of_responders else {
            at: _marked(scope, period, filters, at, group_by, of_responders=True) for at in marked}
        for rate in wanted:
            total.append(_value(rate, *_sides(marked[rate.counted_by], rate)))
            some = shares[rate.counted_by]
            sides = _sides(some, rate)
            for group in grouping.groups(some.facts, group_by) if group_by else []:
                groups[group.key][rate.called] = _value(rate, *(side[group.rows] for side in sides))
        keys = sorted(groups, key=lambda key: (key is None, key))
        names = grouping.names(keys, group_by) if group_by else {}
        return Rates(period, group_by, wanted, [RateItem(key, names[key], [
            groups[key].get(rate.called, Value(rate, 0, 0)) for rate in wanted]) for key in keys], total)


def facts_behind(scope: Scope, period: Period, rate: Rate, part: Part, filters: Filters) -> Facts:
    """The cases above or below the line."""
    with snapshot():
        some = _marked(scope, period, filters, rate.counted_by, filters.group_by)
        return some.facts.of(_side(some, rate, part))


def _sides(some: Marked, rate: Rate) -> tuple[Mask, Mask]:
    return _side(some, rate, Part.NUMERATOR), _side(some, rate, Part.DENOMINATOR)


def _side(some: Marked, rate: Rate, part: Part) -> Mask:
    """What stands above the line stands below it too."""
    below = some.fulfil(rate.denominator)
    for name in rate.without:
        below &= ~some.fulfil([name])
    return below & some.fulfil(rate.numerator) if part is Part.NUMERATOR else below


def _value(rate: Rate, numerator: Mask, denominator: Mask) -> Value:
    return Value(rate, int(np.count_nonzero(numerator)), int(np.count_nonzero(denominator)))


def _marked(scope: Scope, period: Period, filters: Filters, counted_by: str, by: GroupBy | None, *,
            of_responders: bool = False) -> Marked:
    at = Case.due_at if counted_by == DUE else Case.opened_at
    which = and_(scope.condition(), *filters.condition_on_cases(), at >= period.since, at < period.until)
    read = reading.of_responders if of_responders or filters.is_of_responders else reading.of_cases
    found = read(which, labels=labels_needed(scope, filters, by))
    passing = found.counted() & scope.mask(found) & filters.mask(found, city=current_app.config["CITY_CODE"])
    if counted_by == DUE:                               # who could be neither late nor in time had nothing due
        passing &= has_deadline(found.clocks)
    now = np.datetime64(clock.now().replace(tzinfo=None), "us")
    return Marked(found.of(passing), _having(which) | _said(which), now)


def _having(which: ColumnElement[bool]) -> dict[str, set[bytes]]:
    """Which cases have such a line in their history."""
    found: dict[str, set[bytes]] = {move: set() for move in MARKS}
    rows = select(CaseEvent.move, CaseEvent.case_id).distinct().join(Case, Case.id == CaseEvent.case_id).where(
        which, CaseEvent.move.in_([Move(move) for move in MARKS]))
    for move, id in db.session.execute(rows):
        found[move.value].add(id.bytes)
    return found


def _said(which: ColumnElement[bool]) -> dict[str, set[bytes]]:
    """Which cases have an answer of a reporter, and of which all say that they are solved, that they are satisfied: the
    answers about the last closing that anybody spoke of."""
    found: dict[str, set[bytes]] = {each: set() for each in ANSWERS}
    last = select(func.max(Answer.round)).where(Answer.case_id == Case.id).correlate(Case).scalar_subquery()
    rows = select(Answer.case_id, *(func.min(cast(each, Integer)) for each in (Answer.is_solved, Answer.is_satisfied))
                  ).join(Case, Case.id == Answer.case_id).where(which, Answer.round == last).group_by(Answer.case_id)
    for id, *yes in db.session.execute(rows):
        for name, is_so in zip(ANSWERS, (True, *yes), strict=True):
            if is_so:
                found[name].add(id.bytes)
    return found
