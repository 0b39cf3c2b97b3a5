"""The ledger of 邻里福分.

Always true here: points only ever move from one account to another, a movement is written once and never
changed, one thing is thanked for once, and all balances together are zero; held points are given by a supervisor's
decision alone, made once. The room knows no cases: `reason`
and `reference` are text.
"""

from incident_service.points.awarding import HeldBecause, award
from incident_service.points.holds import own_holds, page_of_holds, refuse, release, withheld
from incident_service.points.ledger import (
    Balance,
    Reason,
    Transfer,
    entries_of,
    given_for,
    of,
    reconcile,
    thanks_given,
)
from incident_service.points.tariff import load_tariff, worth

__all__ = [
    "Balance", "HeldBecause", "Reason", "Transfer", "award", "entries_of", "given_for", "load_tariff", "of",
    "own_holds", "page_of_holds", "reconcile", "refuse", "release", "thanks_given", "withheld", "worth",
]
