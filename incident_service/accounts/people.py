"""People come and leave: what a command, a seed or an administrator does about accounts."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog
from sqlalchemy import select

from incident_service.accounts import passwords, phones, tokens
from incident_service.accounts.models import Account, RoleHeld
from incident_service.accounts.queries import NoSuchPerson, id_of
from incident_service.accounts.roles import Grant, Role
from incident_service.foundation.database import db, new_id
from incident_service.foundation.inserting import insert_if_absent
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.problems import Conflict, FieldError, Forbidden, Invalid
from incident_service.foundation.transaction import current_unit, for_update, transaction
from incident_service.foundation.words import both

log = structlog.get_logger(__name__)


class PhoneTaken(Conflict):
    """Another account has this phone number."""
    slug, title = "phone-taken", both("该手机号已被使用", "This phone number belongs to another account")


class HandUnproven(Forbidden):
    """Whoever was let in by another's password lets nobody else in by one of theirs before they have proved it is they:
    else it could not be told any more whose hand an account is."""
    slug, title = "hand-unproven", both("请先以短信验证码登录一次，再为他人设置密码",
                                        "Sign in by a code once, before you give others a password")


class OwnAccount(Conflict):
    """Nobody locks themselves out."""
    slug, title = "own-account", both("不能对本人账号执行此操作", "This cannot be done to one's own account")


def add_person(phone: str, name: str, *, password: str | None = None, password_hash: str | None = None,
               roles: Iterable[Grant] = (), by: Account | None = None) -> Account:
    """A new account with its roles. A password given `by` somebody is good for setting another one and nothing else.
    Where several people get the same one, `password_hash` spares hashing it for each.

    Raises Invalid for what is no phone number, PhoneTaken for one that is in use, HandUnproven.
    """
    number = phones.normalise(phone)
    if number is None:
        raise Invalid(errors=[FieldError("#/phone", phones.NOT_A_NUMBER)])
    if password and password_hash:
        raise ValueError("A password and the hash of one: which is it?")
    if password:
        password_hash = passwords.hash_password(password)
    giver = by if password_hash else None
    if giver and giver.let_in_by_id:
        raise HandUnproven()
    with transaction():
        id = new_id()
        if not insert_if_absent(Account.__table__, id=id, phone=number, name=name, password_hash=password_hash,  # type: ignore[arg-type]
                                is_password_given=giver is not None, let_in_by_id=giver.id if giver else None):
            raise PhoneTaken()
        account = lock(id)
        account.grant(roles)
        return account


def take_on(phone: str, name: str, *, password: str | None = None, roles: Sequence[Grant],
            by: Account | None = None) -> Account:
    """Somebody to work for the city: a new account; or the one of who has been a resident and nothing else so far.

    A resident keeps their sign-ins, their roles and their own password, whatever is given here; they are called
    `name` from now on, and learn it from `/me`. Raises Invalid, PhoneTaken for everybody else's number.
    """
    known = id_of(phones.normalise(phone) or "")
    if known is None:
        return add_person(phone, name, password=password, roles=roles, by=by)
    with transaction():
        account = lock(known)
        if not (account.is_active and _is_resident(account.roles) and not _is_resident(roles)):
            raise PhoneTaken()
        account.name = name
        account.grant(roles)
        log.info("resident-taken-on", account=str(account.id), by=str(by.id) if by else None)
        return account


def _is_resident(roles: Iterable[Grant | RoleHeld]) -> bool:
    """Whether these are roles of a resident and of nobody else."""
    return all(each.role is Role.RESIDENT for each in roles)


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
        let_go(account)
        log.info("person-deactivated", account=str(id), by=str(by.id))
        return account


def let_go(account: Account) -> None:
    """End somebody's service in the open transaction: their tokens end, their open work is promised to others."""
    account.is_active = False
    tokens.end_all(account.id)
    hand_over(account)


def hand_over(account: Account) -> None:
    """Promise that open work of posts this person does not hold any more is given to others."""
    enqueue("workers.routing.hand_over_work", account_id=str(account.id))


def erase(id: UUID) -> None:
    """Forget who somebody is, in the open transaction: the account stays as a tombstone that nobody can sign in to.
    Safe to repeat. Raises NoSuchPerson."""
    account = lock(id)
    account.name, account.phone, account.is_active = "", None, False
    _take_password(account)
    account.roles = []
    tokens.end_all(id)
    log.info("account-erased", account=str(id))


def prove(account: Account) -> None:
    """Note, in the open transaction, that somebody has the phone and needs nobody's word for who they are: a password
    that others may know, and every sign-in by it, ends."""
    if account.let_in_by_id is not None:
        _take_password(account)
        tokens.end_all(account.id)
        log.info("person-proven", account=str(account.id))


def _take_password(account: Account) -> None:
    account.password_hash, account.is_password_given, account.let_in_by_id = None, False, None


def add_nobody() -> UUID:
    """An account of nobody, in the open transaction: it stands where somebody stood who is not known any more."""
    current_unit()
    nobody = Account(id=new_id(), phone=None, name="", is_active=False)
    db.session.add(nobody)
    db.session.flush()
    return nobody.id


def reactivate(id: UUID) -> Account:
    """Let somebody in again, to sign in anew. Safe to repeat. Raises NoSuchPerson."""
    with transaction():
        account = lock(id)
        account.is_active = True
        return account
