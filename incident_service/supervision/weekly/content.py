"""What a weekly report says: the figures of the week as anybody may ask for them, and what is open at the moment."""

from datetime import date, datetime
from typing import NamedTuple

from incident_service.foundation import clock
from incident_service.foundation.snapshot import snapshot
from incident_service.supervision import live
from incident_service.supervision.figures import Figures
from incident_service.supervision.grouping import GroupBy, area_name
from incident_service.supervision.rate_table import rates_called
from incident_service.supervision.rates import Rates, rates_of
from incident_service.supervision.response_times import Compared, ResponseTimes, compared, figures_of
from incident_service.supervision.scope import Scope
from incident_service.supervision.weekly.weeks import A_DAY, A_WEEK, period_of_week

TREND_WEEKS = 8
BELOW = {4: GroupBy.STREET, 6: GroupBy.STREET, 9: GroupBy.COMMUNITY}       # by the length of a code; else the grids


class Week(NamedTuple):
    """A week within some areas. `times` are by the areas below these, beside the week before and the year before."""

    first_day: date
    at: datetime
    areas: list[str]
    times: Compared
    by_category: ResponseTimes
    by_day: ResponseTimes
    rates: Rates
    trend: list[tuple[date, Figures]]
    open_cases: int
    overdue: int
    gaps: int

    @property
    def last_day(self) -> date:
        """Its Sunday."""
        return self.days[-1]

    @property
    def days(self) -> list[date]:
        """Monday to Sunday."""
        return [self.first_day + number * A_DAY for number in range(A_WEEK // A_DAY)]


def gathered(scope: Scope, week: date) -> Week:
    """All of it as it is at one moment."""
    period, codes = period_of_week(week), scope.areas or []
    with snapshot():
        return Week(
            week, clock.now(), [area_name(code) for code in codes],
            compared(scope, period, group_by=level_below(codes)),
            figures_of(scope, period, group_by=GroupBy.CATEGORY), figures_of(scope, period, group_by=GroupBy.DAY),
            rates_of(scope, period, rates_called("")), _trend(scope, week),
            sum(line.cases for line in live.backlog(scope)), live.how_many_overdue(scope),
            len(live.roster_gaps(scope)))


def level_below(codes: list[str]) -> GroupBy:
    """By what the areas are told apart: what lies below the widest of them."""
    return BELOW.get(min(map(len, codes), default=0), GroupBy.GRID)


def _trend(scope: Scope, week: date) -> list[tuple[date, Figures]]:
    """The figures of the weeks up to this one."""
    weeks = [week - back * A_WEEK for back in reversed(range(TREND_WEEKS))]
    return [(each, figures_of(scope, period_of_week(each)).total) for each in weeks]
