"""Limits on guessing: wrong passwords and codes are counted.

Strictly for each phone and the address they come from together, so that nobody is locked out from afar; loosely for
each phone from everywhere, and for each address.
"""

from flask import current_app

from incident_service.accounts.codes import sealed
from incident_service.foundation import limits


def check(phone: str, address: str | None) -> None:
    """Raise TriedTooOften when too many guesses were wrong lately. A right one costs nothing."""
    for rules, *what in _limits(phone, address):
        limits.check(rules, *what)


def count_wrong(phone: str, address: str | None) -> None:
    """One more guess was wrong."""
    for rules, *what in _limits(phone, address):
        limits.count(rules, *what)


def _limits(phone: str, address: str | None) -> tuple[tuple[str, ...], ...]:
    rules, caller = current_app.config, limits.subscriber(address)
    return (
        (rules["SIGN_IN_LIMIT_PER_ADDRESS"], "sign-in/address", caller),
        (rules["SIGN_IN_LIMIT_PER_PHONE"], "sign-in/phone", sealed(phone), caller),
        (rules["SIGN_IN_LIMIT_PER_PHONE_OVERALL"], "sign-in/phone-overall", sealed(phone)),
    )
