"""What administrators do about people: each sees, changes and grants only within the areas they administer.

Being a resident as well is everybody's own affair: it makes nobody visible to the administrator of a part of the city,
and keeps nobody from being looked after by one.
"""

from collections.abc import Sequence
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import selectinload

from incident_service.accounts import granting, people
from incident_service.accounts.models import Account, RoleHeld
from incident_service.accounts.people import OwnAccount
from incident_service.accounts.queries import NoSuchPerson
from incident_service.accounts.roles import Grant, Role, is_beside
from incident_service.foundation.database import db
from incident_service.foundation.paging import Page, newest_first
from incident_service.foundation.problems import FieldError, Forbidden, Invalid
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both


class BeyondReach(Forbidden):
    """It lies, or reaches, outside the areas the administrator is responsible for."""
    slug, title = "beyond-reach", both("超出您的管辖区域", "It lies beyond the areas you administer")


def page_of_people(by: Account, *, limit: int, cursor: str) -> Page:
    """One page of everybody who holds a role within the administrator's areas, newest first."""
    visible = select(Account).where(_is_visible(by)).options(selectinload(Account.roles))
    return newest_first(visible, Account.created_at, Account.id, limit=limit, cursor=cursor)


def find_person(id: UUID, *, by: Account) -> Account:
    """Somebody who holds a role within the administrator's areas. Raises NoSuchPerson for all others."""
    found = select(Account).where(Account.id == id, _is_visible(by)).options(selectinload(Account.roles))
    person = db.session.scalar(found)
    if person is None:
        raise NoSuchPerson()
    return person


def add(phone: str, name: str, *, by: Account, roles: Sequence[Grant], password: str | None = None) -> Account:
    """Somebody new, or somebody who has only been a resident so far.

    Raises BeyondReach for a role outside the administrator's areas, Invalid for one that makes no sense, PhoneTaken.
    """
    _refuse_beyond(by, roles)
    granting.check(roles)
    return people.take_on(phone, name, password=password, roles=roles, by=by)


def change(id: UUID, *, by: Account, name: str | None = None, roles: Sequence[Grant] | None = None) -> Account:
    """Another name, or other roles within the administrator's areas; roles held elsewhere stay as they are.

    Raises NoSuchPerson, BeyondReach, OwnAccount for one's own roles, Invalid when no role would be left or a new one
    makes no sense.
    """
    with transaction():
        person = _lock(id, by=by)
        if roles is not None:
            _change_roles(person, roles, by=by)
        if name is not None:
            _refuse_shared(person, by=by)
            person.name = name
        return person


def deactivate(id: UUID, *, by: Account) -> Account:
    """Let somebody in no longer. Raises NoSuchPerson, OwnAccount, BeyondReach for who also serves elsewhere."""
    with transaction():
        _refuse_shared(_lock(id, by=by), by=by)
        return people.deactivate(id, by=by)


def reactivate(id: UUID, *, by: Account) -> Account:
    """Let somebody in again. Raises NoSuchPerson, BeyondReach for who also serves elsewhere."""
    with transaction():
        _refuse_shared(_lock(id, by=by), by=by)
        return people.reactivate(id)


def _lock(id: UUID, *, by: Account) -> Account:
    find_person(id, by=by)
    return people.lock(id)


def _change_roles(person: Account, roles: Sequence[Grant], *, by: Account) -> None:
    if person.id == by.id:
        raise OwnAccount()
    _refuse_beyond(by, roles)
    granting.check(roles, held=[held.grant for held in person.roles])
    elsewhere = [held for held in person.roles if not _reaches(by, held.area_code)]
    if not roles and not elsewhere:
        raise Invalid(errors=[FieldError("#/roles", both("至少保留一个角色", "At least one role must be left"))])
    kept = [held for held in person.roles if held in elsewhere or held.grant in roles]
    if len(kept) < len(person.roles):
        people.hand_over(person)
    person.roles = kept
    person.grant(roles)


def _refuse_beyond(by: Account, roles: Sequence[Grant]) -> None:
    if not all(_reaches(by, grant.area_code) for grant in roles):
        raise BeyondReach()


def _refuse_shared(person: Account, *, by: Account) -> None:
    """Who also serves outside the administrator's areas is not theirs alone to change."""
    if not all(_reaches(by, held.area_code) for held in person.roles if held.role is not Role.RESIDENT):
        raise BeyondReach()


def _reaches(by: Account, code: str) -> bool:
    return by.holds(Role.ADMIN, reaching=code)


def _is_visible(by: Account) -> ColumnElement[bool]:
    held = [RoleHeld.area_code == code if is_beside(code) else RoleHeld.area_code.startswith(code, autoescape=True)
            for code in by.area_codes(Role.ADMIN)]
    counts = true() if _reaches(by, current_app.config["CITY_CODE"]) else RoleHeld.role != Role.RESIDENT
    return Account.roles.any(or_(*held) & counts)
