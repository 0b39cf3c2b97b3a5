"""The ledger of 邻里福分, and what it buys.

Always true here: points only ever move from one account to another, an entry is written once, never changed, and taken
back by a counter-entry alone; one thing is thanked for once; all balances together are zero, and a balance shown is the
sum of its entries; a fund never gives more than it has; held points are given by a supervisor's decision alone, made
once. The room knows no cases: `reason` and `reference` are text, and what speaks against an award is handed in.
"""

from incident_service.points.awarding import Award, HeldBecause, Occasion, award, award_all
from incident_service.points.balances import Balance, entries_of, given_for, of, thanks_given, withheld
from incident_service.points.budgets import set_budget, this_year, watch_funds
from incident_service.points.expiry import announce_expiry, expire_old
from incident_service.points.guard import Fact, load_guard, suspicions
from incident_service.points.holds import own_holds, page_of_holds, refuse, release
from incident_service.points.leaderboard import take_consent_back
from incident_service.points.models import Reason, Reversal, Transfer
from incident_service.points.reckoning import reconcile
from incident_service.points.redemptions import end_stale_redemptions, redeem
from incident_service.points.reversing import reverse
from incident_service.points.tariff import Circumstance, load_tariff, tariff, worth

__all__ = [
    "Award", "Balance", "Circumstance", "Fact", "HeldBecause", "Occasion", "Reason", "Reversal", "Transfer",
    "announce_expiry", "award", "award_all", "end_stale_redemptions", "entries_of", "expire_old", "given_for",
    "load_guard", "load_tariff", "of", "own_holds", "page_of_holds", "reconcile", "redeem", "refuse", "release",
    "reverse", "set_budget", "suspicions", "take_consent_back", "tariff", "thanks_given", "this_year", "watch_funds",
    "withheld", "worth",
]
