"""Who answers for this category, in this place, now, and why.

Always true here: the same facts give the same answer, and every answer says what it rests on; a post without a roster
is answered for by whoever holds its role.
"""

from incident_service.routing.choosing import Decision, Gap, Part, Target, Workload, choose, targets, usual_duties
from incident_service.routing.fallbacks import Standby, fallbacks
from incident_service.routing.gaps import RosterGap, roster_gaps, told_anew
from incident_service.routing.models import Leave, RosterEntry, Step
from incident_service.routing.posts import zone
from incident_service.routing.rule_sets import (
    RulesNotYours,
    UnknownVersion,
    check_keeper,
    draft,
    in_force,
    load_rules,
    plant_shipped,
    version,
)
from incident_service.routing.rule_shapes import RULES_MAX, RuleSchema
from incident_service.routing.rules import Duty, Facts, Rule, RuleBook
from incident_service.routing.schemas import GapsInput, GapsOutput
from incident_service.routing.sentences import part_name, role_name, sentence, why_unroutable

__all__ = [
    "RULES_MAX", "Decision", "Duty", "Facts", "Gap", "GapsInput", "GapsOutput", "Leave", "Part", "RosterEntry",
    "RosterGap", "Rule", "RuleBook", "RuleSchema", "RulesNotYours", "Standby", "Step", "Target", "UnknownVersion",
    "Workload", "check_keeper", "choose", "draft", "fallbacks", "in_force", "load_rules", "part_name",
    "plant_shipped", "role_name", "roster_gaps", "sentence", "targets", "told_anew", "usual_duties", "version",
    "why_unroutable", "zone",
]
