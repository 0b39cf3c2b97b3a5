"""How long the city takes: from report to dispatch, and from the push to acceptance, rectification and closing."""

from collections import Counter
from typing import NamedTuple

from flask import current_app
from sqlalchemy import and_

from incident_service.accounts import Account
from incident_service.cases import Case
from incident_service.foundation.words import Words
from incident_service.supervision import grouping, reading
from incident_service.supervision.facts import NOT_COUNTED, Facts
from incident_service.supervision.figures import Figures, figures
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period, previous, year_before
from incident_service.supervision.scope import Scope, scope_of

EVERYTHING = Filters()


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
    responder or a role.
    """
    if group_by in (GroupBy.RESPONDER, GroupBy.ROLE) and not filters.is_of_responders:
        shares = _counted(facts_about(scope, period, filters, of_responders=True))
        everything = facts_about(scope, period, filters)
        return ResponseTimes(period, group_by, _items(shares, group_by), figures(_counted(everything).clocks),
                             _left_out(everything))
    found = facts_about(scope, period, filters)
    counted = _counted(found)
    return ResponseTimes(period, group_by, _items(counted, group_by), figures(counted.clocks), _left_out(found))


def compared(scope: Scope, period: Period, *, group_by: GroupBy | None = None,
             filters: Filters = EVERYTHING) -> Compared:
    """The same question for the period, for the one before it, and for the same one a year before."""
    return Compared(*(figures_of(scope, each, group_by=group_by, filters=filters)
                      for each in (period, previous(period), year_before(period))))


def facts_about(scope: Scope, period: Period, filters: Filters, *, of_responders: bool = False) -> Facts:
    """Everything the figures are made of: the cases, or the responders' shares in them, that pass the filters."""
    which = and_(scope.condition(), Case.opened_at >= period.since, Case.opened_at < period.until,
                 *filters.condition_on_cases())
    read = reading.of_responders if of_responders or filters.is_of_responders else reading.of_cases
    found = read(which)
    return found.of(filters.mask(found, city=current_app.config["CITY_CODE"]) & scope.mask(found))


def _counted(found: Facts) -> Facts:
    return found.of(found.counted())


def _left_out(found: Facts) -> dict[str, int]:
    """How many cases of each status are not counted."""
    labels = found.labels["status"]
    here = Counter(labels.known[code] for code in labels.codes[~found.counted()].tolist())
    return {status: here[status] for status in NOT_COUNTED}


def _items(found: Facts, by: GroupBy | None) -> list[Item]:
    if by is None:
        return []
    groups = grouping.groups(found, by)
    names = grouping.names([group.key for group in groups], by)
    return [Item(group.key, names[group.key], figures(found.of(group.rows).clocks)) for group in groups]
