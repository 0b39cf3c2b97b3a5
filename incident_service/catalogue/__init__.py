"""What: the kinds of events, how grave they are, within what time they must be rectified, and who answers for them.

Always true here: the tables were checked at start and do not change while the process lives; the working calendar
changes by versions, each of which can be laid out again; every category has a lead and exactly one default filing
condition; `fire_lane` and `other` are always there.
"""

from incident_service.catalogue.calendar import Holiday, Slot, Year
from incident_service.catalogue.categories import Category, FilingCondition, Major, Unit, UnknownCondition
from incident_service.catalogue.deadlines import Deadline, Pause
from incident_service.catalogue.duplicates import DuplicateRule, Likeness, plates_in
from incident_service.catalogue.evidence import Action, Check, Finding, Rule, findings
from incident_service.catalogue.ladder import Ladder, Rung, To
from incident_service.catalogue.service import (
    UnknownCategory,
    categories,
    category,
    describe,
    duplicate_rule,
    evidence_rules,
    ladder,
    load_catalogue,
    version,
)
from incident_service.catalogue.tables import BrokenTable, Code, Exactly, InBothLanguages, Lines, read_table
from incident_service.catalogue.working_time import (
    after,
    arrange_slots,
    arrange_year,
    arrangement,
    arrangements,
    ask_calendar_ahead,
    calendar,
    deadline,
    is_provisional,
    rectify_due_at,
    slots,
    time_left,
)

__all__ = [
    "Action", "BrokenTable", "Category", "Check", "Code", "Deadline", "DuplicateRule", "Duty", "Exactly",
    "FilingCondition", "Finding", "Holiday", "InBothLanguages", "Ladder", "Likeness", "Lines", "Major", "Pause", "Rule",
    "Rung", "Slot", "To", "Unit", "UnknownCategory", "UnknownCondition", "Year", "after", "arrange_slots",
    "arrange_year", "arrangement", "arrangements", "ask_calendar_ahead", "calendar", "categories", "category",
    "deadline", "describe", "duplicate_rule", "evidence_rules", "findings", "is_provisional", "ladder",
    "load_catalogue", "plates_in", "read_table", "rectify_due_at", "slots", "time_left", "version",
]
