"""What a file may hold: as much as the roles of who asked let them see."""

from incident_service.accounts import Account
from incident_service.exports.models import Export, Kind


def reaches(found: Export, account: Account) -> bool:
    """Whether somebody still holds every role by which their file was made. By which those were made that are older
    than this note nobody knows: one of these is asked for anew."""
    is_known = bool(found.scope) or found.kind is Kind.OWN_DATA
    return is_known and set(found.scope.split()) <= set(scope_of(found.kind, account).split())


def scope_of(kind: Kind, account: Account) -> str:
    """The roles that decide what is in a file of this kind, as words; of one's own data none does."""
    if kind is Kind.OWN_DATA:
        return ""
    return " ".join(sorted(f"{held.role}/{held.kind}/{held.area_code}" for held in account.roles))
