"""How long the city takes: from report to dispatch, and from the push to acceptance, rectification and closing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from flask import current_app
from sqlalchemy import and_

from incident_service.accounts import Account
from incident_service.cases import Case
from incident_service.foundation.snapshot import snapshot
from incident_service.foundation.words import Words
from incident_service.supervision import daybook, grouping, reading
from incident_service.supervision.facts import FIRE_AREA, LABELS, NOT_COUNTED, Facts, Labels, nothing, together
from incident_service.supervision.figures import Figures, figures, figures_of_groups, figures_of_groups_and_all
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import OF_RESPONDERS, GroupBy
from incident_service.supervision.periods import Period, previous, year_before
from incident_service.supervision.scope import Scope, scope_of
from incident_service.supervision.tally import Tally, figures_of_rows, left_out, merged, tally

EVERYTHING = Filters()
EXACT_CASES_MAX = 100_000                           # what a person can check; beyond that summaries may answer
ROWS_IN_MEMORY_MAX = 2_000_000


class Item(NamedTuple):
    """One group and its figures."""

    key: str | None
    name: str | Words
    figures: Figures


class ResponseTimes(NamedTuple):
    """The figures of a period, side by side and all together; `left_out` says how many cases of which status they do
    not count."""

    period: Period
    group_by: GroupBy | None
    items: list[Item]
    total: Figures
    left_out: dict[str, int]
    is_exact: bool = True


class Compared(NamedTuple):
    """A period beside the one before it and the same one a year before."""

    now: ResponseTimes
    previous: ResponseTimes
    year_before: ResponseTimes


def response_times(*, by: Account, period: Period, group_by: GroupBy | None = None) -> ResponseTimes:
    """The response times of all cases that `by` looks over, within the period."""
    return figures_of(scope_of(by), period, group_by=group_by)


def figures_of(scope: Scope, period: Period, *, group_by: GroupBy | None = None,
               filters: Filters = EVERYTHING) -> ResponseTimes:
    """The response times of the cases within the scope that pass the filters and that were reported within the period.

    Every case is in one group, but for the responders: there it is with each whom it was given, timed by the
    responder's own clocks. The total counts every case once, or every share of a responder when the filters name a
    responder or a role. Exact up to EXACT_CASES_MAX cases; beyond that percentiles may be off by 1 %.
    """
    with snapshot():
        if group_by in OF_RESPONDERS and not filters.is_of_responders:
            shares = together(list(pieces(scope, period, filters, of_responders=True))).only_counted()
            whole = _gathered(pieces(scope, period, filters), None)
            return _answer(period, group_by, by_group(shares, group_by), whole)
        found = summarized(scope, period, group_by, filters)
        if found is None:
            found = _gathered(pieces(scope, period, filters, by=group_by), group_by)
        groups = {} if group_by is None else found.groups
        return _answer(period, group_by, groups, found)


class Gathered(NamedTuple):
    """The figures of each group and of all, and how exact they are."""

    groups: dict[str | None, Figures]
    total: Figures
    left_out: dict[str, int]
    is_exact: bool


def _answer(period: Period, by: GroupBy | None, groups: dict[str | None, Figures], found: Gathered) -> ResponseTimes:
    keys = sorted(groups, key=lambda key: (key is None, key))
    names = grouping.names(keys, by) if by else {}
    return ResponseTimes(period, by, [Item(key, names[key], groups[key]) for key in keys], found.total, found.left_out,
                         found.is_exact)


def _gathered(pieces: Iterable[Facts], by: GroupBy | None) -> Gathered:
    """Exact figures while the cases fit in memory; tallies once they do not."""
    kept: list[Facts] = []
    tallies: list[Tally] = []
    for piece in pieces:
        kept.append(piece)
        if sum(each.count for each in kept) > ROWS_IN_MEMORY_MAX:
            tallies.append(_tallied(together(kept), by))
            tallies = [merged(tallies)]
            kept = []
    if tallies:
        return of_tally(merged([*tallies, _tallied(together(kept), by)]))
    found = together(kept)
    counted = found.only_counted()
    if by is None:
        return Gathered({}, figures(counted.clocks), _left_out(found), True)
    labels = grouping.labels_for(counted, by).in_order()
    groups, whole = figures_of_groups_and_all(counted.clocks, labels.codes, len(labels.known))
    return Gathered(dict(zip(map(grouping.key_of, labels.known), groups, strict=True)), whole, _left_out(found), True)


def of_tally(one: Tally) -> Gathered:
    """The figures of a tally whose keys are those of the groups. A group of nothing but what is left out is none."""
    groups = {key: each for key, each in figures_of_rows(one).items() if each.cases}
    total = figures_of_rows(one.translated(lambda _: None)).get(None, figures(nothing().clocks))
    return Gathered(groups, total, left_out(one), False)


def _tallied(facts: Facts, by: GroupBy | None) -> Tally:
    labels = grouping.labels_for(facts, by) if by else Labels([None], np.zeros(facts.count, dtype=np.intp))
    return tally(facts, labels.translated(grouping.key_of))


def summarized(scope: Scope, period: Period, by: GroupBy | None, filters: Filters) -> Gathered | None:
    """The answer from sums, when they can tell it and there are more cases than must be exact."""
    dimension = dimension_for(scope, by, filters)
    opened = daybook.summary(period, dimension) if dimension else None
    if opened is None:
        return None
    kept, rest = opened
    if dimension == daybook.STREET:
        kept = kept.only(lambda street: scope.holds(street) and Scope(_only(filters.area)).holds(street))
    if kept.cases <= EXACT_CASES_MAX:
        return None
    key = (lambda street: grouping.area_on(street, by)) if by in grouping.LAYERS else grouping.key_of
    beside = [_tallied(together(list(pieces(scope, each, filters))), by) for each in rest]
    return of_tally(merged([kept.translated(key), *beside]))


def dimension_for(scope: Scope, by: GroupBy | None, filters: Filters) -> str | None:
    """Which summaries can answer the question; None when only the cases themselves can."""
    if not filters.is_only_of_places or not (scope.is_of_streets and Scope(_only(filters.area)).is_of_streets):
        return None
    if by is GroupBy.CATEGORY:
        return daybook.CATEGORY if scope.is_whole_city and filters.area is None else None
    return daybook.STREET if by in (None, GroupBy.STREET, GroupBy.DISTRICT) else None


def _only(area: str | None) -> list[str] | None:
    return None if area is None else [area]


def compared(scope: Scope, period: Period, *, group_by: GroupBy | None = None,
             filters: Filters = EVERYTHING) -> Compared:
    """The same question for the period, for the one before it, and for the same one a year before, at one moment."""
    with snapshot():
        return Compared(*(figures_of(scope, each, group_by=group_by, filters=filters)
                          for each in (period, previous(period), year_before(period))))


def facts_about(scope: Scope, period: Period, filters: Filters) -> Facts:
    """Everything a figure is made of, with the ids: the cases, or the responders' shares in them."""
    with snapshot():
        return together(list(pieces(scope, period, filters, with_ids=True)))


def pieces(scope: Scope, period: Period, filters: Filters, *, by: GroupBy | None = None, of_responders: bool = False,
           with_ids: bool = False) -> Iterator[Facts]:
    """The cases, or the responders' shares, that lie within the scope and pass the filters. The daybook knows neither
    shares nor areas of the fire service: those are read from the tables."""
    which = and_(scope.condition(), *filters.condition_on_cases())
    of_responders = of_responders or filters.is_of_responders
    labels = labels_needed(scope, filters, by)
    if of_responders or labels is not LABELS:
        which &= (Case.opened_at >= period.since) & (Case.opened_at < period.until)
        found = iter([(reading.of_responders if of_responders else reading.of_cases)(which, labels=labels)])
    else:
        found = daybook.read(period, which, with_ids=with_ids)
    for piece in found:
        passing = filters.mask(piece, city=current_app.config["CITY_CODE"]) & scope.mask(piece)
        yield piece if passing.all() else piece.of(passing)


def labels_needed(scope: Scope, filters: Filters, by: GroupBy | None) -> Sequence[str]:
    """The labels it takes to answer a question."""
    of_fire_areas = scope.is_of_fire_areas or filters.is_of_fire_areas or by is GroupBy.FIRE_AREA
    return (*LABELS, FIRE_AREA) if of_fire_areas else LABELS


def _left_out(found: Facts) -> dict[str, int]:
    """How many cases of each status are not counted."""
    labels = found.labels["status"]
    here = Counter(labels.known[code] for code in labels.codes[~found.counted()].tolist())
    return {status: here[status] for status in NOT_COUNTED}


def by_group(found: Facts, by: GroupBy) -> dict[str | None, Figures]:
    """The figures of each group."""
    labels = grouping.labels_for(found, by).in_order()
    keys = map(grouping.key_of, labels.known)
    return dict(zip(keys, figures_of_groups(found.clocks, labels.codes, len(labels.known)), strict=True))
