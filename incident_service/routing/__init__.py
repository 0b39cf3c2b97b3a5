"""Who answers for this category, in this place, now, and why.

Always true here: the same facts give the same answer, and every answer says what it rests on; a post without a roster
is answered for by whoever holds its role.
"""

from incident_service.routing.choosing import Decision, Gap, Part, Workload, choose, usual_duties
from incident_service.routing.fallbacks import Standby, fallbacks
from incident_service.routing.models import Leave, RosterEntry, Step
from incident_service.routing.rule_sets import UnknownVersion, draft, in_force, load_rules, plant_shipped
from incident_service.routing.rules import Duty, Facts, Rule, RuleBook
from incident_service.routing.sentences import part_name, role_name, sentence, why_unroutable

__all__ = [
    "Decision", "Duty", "Facts", "Gap", "Leave", "Part", "RosterEntry", "Rule", "RuleBook", "Standby", "Step",
    "UnknownVersion", "Workload", "choose", "draft", "fallbacks", "in_force", "load_rules", "part_name",
    "plant_shipped", "role_name", "sentence", "usual_duties", "why_unroutable",
]
