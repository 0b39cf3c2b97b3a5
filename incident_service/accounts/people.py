"""People come and leave: what a command, a seed or an administrator does about accounts."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from incident_service.accounts import passwords, phones, tokens
from incident_service.accounts.models import Account
from incident_service.accounts.queries import NoSuchPerson
from incident_service.accounts.roles import Grant
from incident_service.foundation.database import db, insert_if_absent, new_id
from incident_service.foundation.problems import Conflict, FieldError, Invalid
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both


class PhoneTaken(Conflict):
    """Another account has this phone number."""
    slug, title = "phone-taken", both("该手机号已被使用", "This phone number belongs to another account")


class OwnAccount(Conflict):
    """Nobody locks themselves out."""
    slug, title = "own-account", both("不能对本人账号执行此操作", "This cannot be done to one's own account")


def add_person(phone: str, name: str, *, password: str | None = None, roles: Iterable[Grant] = ()) -> Account:
    """A new account with its roles. Raises Invalid for what is no phone number, PhoneTaken for one that is in use."""
    number = phones.normalise(phone)
    if number is None:
        raise Invalid(errors=[FieldError("#/phone", phones.NOT_A_NUMBER)])
    password_hash = passwords.hash_password(password) if password else None
    with transaction():
        id = new_id()
        table = Account.__table__
        if not insert_if_absent(table, id=id, phone=number, name=name, password_hash=password_hash):  # type: ignore[arg-type]
            raise PhoneTaken()
        account = lock(id)
        account.grant(roles)
        return account


def lock(id: UUID) -> Account:
    """The account, its row locked until the transaction ends. Raises NoSuchPerson."""
    account = db.session.scalar(for_update(select(Account).where(Account.id == id)))
    if account is None:
        raise NoSuchPerson()
    return account


def deactivate(id: UUID, *, by: Account) -> Account:
    """Let somebody in no longer: their tokens end at once. Safe to repeat. Raises NoSuchPerson, OwnAccount."""
    if id == by.id:
        raise OwnAccount()
    with transaction():
        account = lock(id)
        account.is_active = False
        tokens.end_all(id)
        return account


def reactivate(id: UUID) -> Account:
    """Let somebody in again, to sign in anew. Safe to repeat. Raises NoSuchPerson."""
    with transaction():
        account = lock(id)
        account.is_active = True
        return account
