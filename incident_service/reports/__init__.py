"""What a resident told us, kept as it was said.

Always true here: a report belongs to one reporter and one case; place and time are kept as received.
"""

from incident_service.reports.models import Report
from incident_service.reports.queries import find_in_case, find_own, move, of_case, own_reports, record, withdraw
from incident_service.reports.retention import blur, give_to, silence

__all__ = ["Report", "blur", "find_in_case", "find_own", "give_to", "move", "of_case", "own_reports", "record",
           "silence", "withdraw"]
