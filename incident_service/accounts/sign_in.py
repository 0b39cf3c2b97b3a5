"""Coming in: by password, or by a one-time code. Who fails learns nothing about which part was wrong."""

from flask import current_app
from sqlalchemy import select

from incident_service.accounts import codes, guessing, passwords, people, tokens
from incident_service.accounts.models import Account, SignInMethod
from incident_service.accounts.queries import id_of
from incident_service.accounts.roles import Grant, Role
from incident_service.accounts.tokens import Pair
from incident_service.foundation.database import db
from incident_service.foundation.problems import Unauthenticated
from incident_service.foundation.transaction import let_go, transaction
from incident_service.foundation.words import both

RESIDENT_NAME = "居民"


class SignInRefused(Unauthenticated):
    """No such phone, a wrong password, a wrong or old code, or an account that is not active: nobody is told which."""
    slug, title = "sign-in-refused", both("手机号、密码或验证码不正确", "The phone, password or code is not right")


def by_password(phone: str, password: str, *, address: str | None) -> Pair:
    """A new sign-in. Takes as long for a phone nobody has. Raises SignInRefused, TriedTooOften."""
    guessing.check(phone, address)
    known = db.session.execute(select(Account.id, Account.password_hash).where(Account.phone == phone)).one_or_none()
    let_go()
    pair = None
    if passwords.is_right(known.password_hash if known else None, password) and known:
        with transaction():
            account = people.lock(known.id)
            if account.is_active and account.password_hash == known.password_hash:
                pair = tokens.start(account, SignInMethod.PASSWORD)
    return pair or _refuse(phone, address)


def by_code(phone: str, code: str, *, address: str | None) -> Pair:
    """A new sign-in; an unknown phone becomes a resident. Raises SignInRefused, TriedTooOften, PhoneTaken."""
    guessing.check(phone, address)
    pair = None
    with transaction():
        if codes.redeem(phone, code):
            account = _known_or_new(phone)
            if account.is_active:
                people.prove(account)
                pair = tokens.start(account, SignInMethod.CODE)
    return pair or _refuse(phone, address)


def _known_or_new(phone: str) -> Account:
    id = id_of(phone)
    if id is not None:
        return people.lock(id)
    home = Grant(Role.RESIDENT, current_app.config["CITY_CODE"])
    return people.add_person(phone, RESIDENT_NAME, roles=[home])


def _refuse(phone: str, address: str | None) -> Pair:
    guessing.count_wrong(phone, address)
    raise SignInRefused()
