"""Cases by the day they were reported, as columns, and summaries by the month: what makes large questions quick.

Always true here: a page is what the cases of its day said at some moment after the daybook's `as_of`; every case whose
history has grown since is read afresh and takes the place of its line; so no figure is older than the question. All
of it can be thrown away and written again.
"""

from incident_service.supervision.daybook.opening import read, summary
from incident_service.supervision.daybook.summing import CATEGORY, STREET
from incident_service.supervision.daybook.verifying import verify
from incident_service.supervision.daybook.writing import fold, fold_soon, rebuild

__all__ = ["CATEGORY", "STREET", "fold", "fold_soon", "read", "rebuild", "summary", "verify"]
