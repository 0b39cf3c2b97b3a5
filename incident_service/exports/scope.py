"""What a file may hold: as much as the roles of who asked let them see."""

from incident_service.accounts import Account
from incident_service.exports.models import Kind


def scope_of(kind: Kind, account: Account) -> str:
    """The roles that decide what is in a file of this kind, as words; of one's own data none does."""
    if kind is Kind.OWN_DATA:
        return ""
    return " ".join(sorted(f"{held.role}/{held.kind}/{held.area_code}" for held in account.roles))
