"""How long the city takes: from report to dispatch, and from the push to acceptance, rectification and closing."""

from typing import NamedTuple

from sqlalchemy import null

from incident_service.accounts import Account
from incident_service.cases import Case
from incident_service.foundation.words import Words
from incident_service.supervision import grouping, reading
from incident_service.supervision.figures import Figures, figures
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period
from incident_service.supervision.reading import Readings
from incident_service.supervision.scope import looked_over_by


class Item(NamedTuple):
    """One group and its figures."""

    key: str | None
    name: str | Words
    figures: Figures


class ResponseTimes(NamedTuple):
    """The figures of a period, side by side and all together."""

    period: Period
    group_by: GroupBy | None
    items: list[Item]
    total: Figures


def response_times(*, by: Account, period: Period, group_by: GroupBy | None = None) -> ResponseTimes:
    """The response times of the cases that `by` looks over and that were reported within the period.

    Every case is in one group, but for the responders: there it is with each whom it was given, timed by the
    responder's own clocks. The total counts every case once.
    """
    which = looked_over_by(by) & (Case.opened_at >= period.since) & (Case.opened_at < period.until)
    if group_by is GroupBy.RESPONDER:
        items = _items(reading.of_responders(which), group_by)
        return ResponseTimes(period, group_by, items, figures(reading.of_cases(which, null()).clocks))
    found = reading.of_cases(which, grouping.column(group_by))
    return ResponseTimes(period, group_by, _items(found, group_by), figures(found.clocks))


def _items(found: Readings, by: GroupBy | None) -> list[Item]:
    if by is None:
        return []
    groups = grouping.groups(found, by)
    names = grouping.names([group.key for group in groups], by)
    return [Item(group.key, names[group.key], figures(found.clocks.of(group.rows))) for group in groups]
