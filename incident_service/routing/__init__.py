"""Who answers for this category, in this place, now, and why.

Always true here: the same facts give the same answer, and every answer says what it rests on; a post without a roster
is answered for by whoever holds its role.
"""

from incident_service.routing.choosing import Decision, Gap, Part, Workload, choose
from incident_service.routing.fallbacks import Standby, fallbacks
from incident_service.routing.models import Leave, RosterEntry, Step
from incident_service.routing.sentences import part_name, role_name, sentence, why_unroutable

__all__ = ["Decision", "Gap", "Leave", "Part", "RosterEntry", "Standby", "Step", "Workload", "choose", "fallbacks",
           "part_name", "role_name", "sentence", "why_unroutable"]
