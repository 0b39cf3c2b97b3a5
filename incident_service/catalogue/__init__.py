"""What: the kinds of events, how grave they are, within what time they must be rectified, and who answers for them.

Always true here: the tables were checked at start and do not change while the process lives; every category has a
lead and exactly one default filing condition; `fire_lane` and `other` are always there.
"""

from incident_service.catalogue.categories import Category, Duty, FilingCondition, Major, Unit, UnknownCondition
from incident_service.catalogue.evidence import Action, Check, Finding, Rule, findings
from incident_service.catalogue.service import (
    UnknownCategory,
    categories,
    category,
    describe,
    evidence_rules,
    is_provisional,
    load_catalogue,
    rectify_due_at,
    version,
)
from incident_service.catalogue.tables import BrokenTable, Code, Exactly, Lines, read_table

__all__ = [
    "Action", "BrokenTable", "Category", "Check", "Code", "Duty", "Exactly", "FilingCondition", "Finding", "Lines",
    "Major", "Rule", "Unit", "UnknownCategory", "UnknownCondition", "categories", "category", "describe",
    "evidence_rules", "findings", "is_provisional", "load_catalogue", "read_table", "rectify_due_at", "version",
]
