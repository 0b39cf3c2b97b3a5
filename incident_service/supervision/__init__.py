"""Looking over it all: how quickly the city answers, and what is overdue right now.

Always true here: no case is changed; figures come from the cases themselves, or from a daybook of them with every
change since read afresh, so they are never older than the question; a supervisor's figures are made of the cases within
the supervisor's areas alone.
"""

from incident_service.supervision.daybook import age_s as daybook_age_s
from incident_service.supervision.daybook import fold_as_promised, fold_soon
from incident_service.supervision.figures import Figures, Times
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.overdue import OverdueCase, overdue
from incident_service.supervision.periods import Period, period
from incident_service.supervision.response_times import (
    Compared,
    Item,
    ResponseTimes,
    compared,
    figures_of,
    response_times,
)
from incident_service.supervision.weekly import make_weekly_report, owe_weekly_reports
from incident_service.supervision.workbooks import write_figures

__all__ = [
    "Compared", "Figures", "GroupBy", "Item", "OverdueCase", "Period", "ResponseTimes", "Times", "compared",
    "daybook_age_s", "figures_of", "fold_as_promised", "fold_soon", "make_weekly_report", "overdue",
    "owe_weekly_reports", "period", "response_times", "write_figures",
]
