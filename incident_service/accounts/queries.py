"""Reading people: by id, by phone, by what they answer for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from incident_service.accounts.models import Account, RoleHeld
from incident_service.accounts.roles import Role, reached_from
from incident_service.foundation.database import db
from incident_service.foundation.problems import NotFound
from incident_service.foundation.ready import Question
from incident_service.foundation.words import both

AT_ONCE, MANY_AT_ONCE = 500, 5000


class NoSuchPerson(NotFound):
    """There is no such person, or none the caller may see."""
    slug, title = "person-not-found", both("没有此人员", "There is no such person")


def find(id: UUID) -> Account:
    """The account with its roles, active or not. Raises NoSuchPerson."""
    account = db.session.get(Account, id, options=[joinedload(Account.roles)])
    if account is None:
        raise NoSuchPerson()
    return account


def as_it_is(id: UUID) -> Account:
    """The account with its roles as they are at this moment, whatever is stored later. Raises NoSuchPerson."""
    now = find(id)
    return Account(id=now.id, phone=now.phone, name=now.name, is_active=now.is_active, created_at=now.created_at,
                   is_password_given=now.is_password_given, let_in_by_id=now.let_in_by_id,
                   roles=[RoleHeld(role=each.role, kind=each.kind, area_code=each.area_code) for each in now.roles])


IS_KNOWN = or_(Account.phone.is_not(None), Account.name != "", Account.is_active)
ROLES = Question(select(Account.id, RoleHeld.role).outerjoin(RoleHeld, RoleHeld.account_id == Account.id)
                 .where(Account.id.in_(bindparam("ids", expanding=True)), IS_KNOWN))


def roles_among(ids: Subquery) -> Question[UUID, Role | None]:
    """The question for the roles of people whom a query finds, to be asked together with others. `ids` has one column;
    what is answered `roles_in` reads."""
    return Question(select(Account.id, RoleHeld.role).select_from(ids).join(Account, Account.id == ids.c[0])
                    .outerjoin(RoleHeld, RoleHeld.account_id == Account.id).where(IS_KNOWN))


def roles_of(ids: Collection[UUID]) -> dict[UUID, set[Role]]:
    """The roles these people hold anywhere, active or not; whoever is not known any more is left out."""
    return roles_in(ROLES.ask(ids=list(ids)))


def roles_in(rows: Iterable[Any]) -> dict[UUID, set[Role]]:
    """The same, of an answer to `roles_among`."""
    found: dict[UUID, set[Role]] = defaultdict(set)
    for id, role in rows:
        found[id] |= {role} - {None}
    return found


def are_apart(one_id: UUID, other_id: UUID) -> bool:
    """Whether these are surely two people: neither may be the hand of the other, nor both that of a third who let them
    in and whose password they came with."""
    accounts = db.session.scalars(select(Account).where(Account.id.in_([one_id, other_id]))
                                  .execution_options(populate_existing=True)).all()
    return len({each.hand for each in accounts}) == 2


def id_of(phone: str) -> UUID | None:
    """Whose number (E.164) this is, active or not."""
    return db.session.scalar(select(Account.id).where(Account.phone == phone))


def numbers() -> Iterator[tuple[UUID, str]]:
    """Every account that has a number, with it."""
    some = select(Account.id, Account.phone).where(Account.phone.is_not(None)).order_by(Account.id).limit(MANY_AT_ONCE)
    found = db.session.execute(some).all()
    while found:
        for row in found:
            yield row.id, row.phone
        found = db.session.execute(some.where(Account.id > found[-1].id)).all()


def by_phone(numbers: Collection[str]) -> dict[str, Account]:
    """Whose these numbers (E.164) are, active or not, with their roles."""
    ordered = sorted(numbers)
    return {account.phone or "": account
            for start in range(0, len(ordered), AT_ONCE)
            for account in db.session.scalars(select(Account).options(selectinload(Account.roles))
                                              .where(Account.phone.in_(ordered[start:start + AT_ONCE])))}


def responsible_for(area_code: str, role: Role, kind: str | None = None) -> list[Account]:
    """The active holders of a role within exactly this area (of this kind, when one is given), oldest first."""
    here = _holders(role, kind).where(RoleHeld.area_code == area_code).order_by(RoleHeld.id)
    return list(dict.fromkeys(db.session.scalars(here)))


def staff_of(area_code: str, role: Role, kind: str | None = None) -> list[Account]:
    """The active holders of a role within any area that contains this one, the nearest first, nobody twice."""
    wider = _holders(role, kind).where(RoleHeld.area_code.in_(reached_from(area_code)))
    nearest_first = wider.order_by(func.length(RoleHeld.area_code).desc(), RoleHeld.id)
    return list(dict.fromkeys(db.session.scalars(nearest_first)))


def everybody_with(*roles: Role) -> list[Account]:
    """Every active holder of one of the roles, anywhere, with their roles."""
    holding = Account.roles.any(RoleHeld.role.in_(roles))
    return list(db.session.scalars(select(Account).where(Account.is_active, holding)
                                   .options(selectinload(Account.roles)).order_by(Account.id)))


def responders_within(code: str) -> list[Account]:
    """Every active grid manager and officer whose role is held within the area `code`, with their roles, by name."""
    here = select(Account).join(Account.roles).options(selectinload(Account.roles)).where(
        Account.is_active, RoleHeld.role.in_([Role.GRID_MANAGER, Role.OFFICER]),
        RoleHeld.area_code.startswith(code, autoescape=True)).order_by(Account.name, Account.id)
    return list(dict.fromkeys(db.session.scalars(here)))


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these people are called, for staff's eyes."""
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _holders(role: Role, kind: str | None) -> Select[Account]:
    holders = select(Account).join(Account.roles).where(Account.is_active, RoleHeld.role == role)
    return holders.where(RoleHeld.kind == kind) if kind else holders
