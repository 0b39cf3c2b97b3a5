"""Cases by the day they were reported, as columns, and sums of days, months and years: large questions made quick.

Always true here: a page is what the cases of its day said at some moment after the daybook's `as_of`; every case whose
history has grown since is read afresh and takes the place of its line; so no figure is older than the question. All
of it can be thrown away and written again.
"""

from incident_service.supervision.daybook.folding import fold, fold_as_promised, fold_soon, rebuild
from incident_service.supervision.daybook.opening import read, summary
from incident_service.supervision.daybook.progress import age_s
from incident_service.supervision.daybook.summing import CATEGORY, STREET
from incident_service.supervision.daybook.verifying import verify

__all__ = [
    "CATEGORY", "STREET", "age_s", "fold", "fold_as_promised", "fold_soon", "read", "rebuild", "summary", "verify"]
