"""Which cases a supervisor looks over."""

from sqlalchemy import ColumnElement, false, or_

from incident_service import cases
from incident_service.accounts import Account, Role


def looked_over_by(account: Account) -> ColumnElement[bool]:
    """The condition on cases that lie within the areas of which the account is supervisor."""
    return or_(false(), *(cases.within(code) for code in account.area_codes(Role.SUPERVISOR)))
