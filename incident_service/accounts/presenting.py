"""People as an administrator sees them: what they are outside the administrator's areas stays there."""

from typing import Any

from incident_service.accounts.models import Account
from incident_service.accounts.roles import Role


def person(account: Account, *, by: Account) -> dict[str, Any]:
    """Somebody, with the roles they hold within the areas that `by` administers."""
    held = [each for each in account.roles if by.holds(Role.ADMIN, reaching=each.area_code)]
    return {
        "id": account.id, "name": account.name, "masked_phone": account.masked_phone, "roles": held,
        "areas": sorted({each.area_code for each in held}), "is_active": account.is_active,
        "created_at": account.created_at,
    }
