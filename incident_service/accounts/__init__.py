"""Who is speaking: people, the roles they hold within an area, sign-in, tokens.

Always true here: a phone number belongs to one account at most; passwords, tokens and codes are kept as hashes
only; a token is good while its sign-in has not ended and its account is active; a role held within an area
reaches exactly the areas whose code begins with that area's; a password somebody else gave is good for setting one's
own, and until the phone is proven by a code too, whoever gave it is nobody's second person.
"""

from incident_service.accounts.access import anyone, current_account, current_sign_in, requires, signed_in, speaking
from incident_service.accounts.codes import send as send_login_code
from incident_service.accounts.models import Account, RoleHeld
from incident_service.accounts.own import check_it_is_them
from incident_service.accounts.passwords import hash_password
from incident_service.accounts.people import PhoneTaken, add_nobody, add_person, deactivate, erase, lock, reactivate
from incident_service.accounts.phones import NOT_A_NUMBER, mask, normalise
from incident_service.accounts.queries import (
    NoSuchPerson,
    are_apart,
    as_it_is,
    by_phone,
    everybody_with,
    find,
    names_of,
    numbers,
    responders_within,
    responsible_for,
    roles_among,
    roles_in,
    roles_of,
    staff_of,
)
from incident_service.accounts.roles import Grant, Role, reaches
from incident_service.accounts.spelling import role_called
from incident_service.accounts.upkeep import forget_old

__all__ = [
    "NOT_A_NUMBER", "Account", "Grant", "NoSuchPerson", "PhoneTaken", "Role", "RoleHeld", "add_nobody", "add_person",
    "anyone", "are_apart", "as_it_is", "by_phone", "check_it_is_them", "current_account", "current_sign_in",
    "deactivate", "erase", "everybody_with", "find", "forget_old", "hash_password", "lock", "mask", "names_of",
    "normalise", "numbers", "reaches", "reactivate", "requires", "responders_within", "responsible_for", "role_called",
    "roles_among", "roles_in", "roles_of", "send_login_code", "signed_in", "speaking", "staff_of",
]
