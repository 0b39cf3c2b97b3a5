"""What people do about their own account: another name, another phone, another password."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from incident_service.accounts import codes, guessing, passwords, people, tokens
from incident_service.accounts.models import Account, SignIn, SignInMethod
from incident_service.accounts.people import PhoneTaken
from incident_service.accounts.queries import find
from incident_service.accounts.tokens import SignInOver
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.problems import FieldError, Invalid
from incident_service.foundation.transaction import let_go, transaction
from incident_service.foundation.words import both

FRESH = timedelta(minutes=10)
log = structlog.get_logger(__name__)
WRONG_CODE = both("验证码不正确或已过期", "The code is wrong or too old")
SIGN_IN_ANEW = both("请重新登录或提供当前密码后再更换手机号",
                    "Sign in anew or send the current password to change the phone number")
NOT_ANOTHER = both("须与管理员给您的密码不同", "It must be another than the one you were given")
PROVE_FIRST = both("请先用发送到现有手机的验证码登录一次", "First sign in once by a code sent to the phone you have")
WRONG_PASSWORD = both("当前密码不正确", "The current password is not right")


def change(id: UUID, *, name: str | None = None, phone: str | None = None, code: str = "", current_password: str = "",
           sign_in_id: UUID, address: str | None) -> Account:
    """Change the name, or the phone. Raises Invalid, PhoneTaken, TriedTooOften, SignInOver.

    A new phone needs the code that was sent to it, and somebody who holds more than a token: who signed in just now,
    or knows the password. It ends all other sign-ins.
    """
    if phone:
        if not (_began_lately(sign_in_id) or _proves(find(id), current_password, address)):
            raise Invalid(errors=[FieldError("#/current_password", SIGN_IN_ANEW)])
        guessing.check(phone, address)
    with transaction():
        is_proven = phone is None or codes.redeem(phone, code)
        account = people.lock(id)
        if not account.is_active:
            raise SignInOver()
        if phone and account.let_in_by_id:
            raise Invalid(errors=[FieldError("#/phone", PROVE_FIRST)])
        if is_proven:
            account.name = name or account.name
            _move(account, phone, but=sign_in_id)
    if phone and not is_proven:
        guessing.count_wrong(phone, address)
        raise Invalid(errors=[FieldError("#/code", WRONG_CODE)])
    return account


def change_password(id: UUID, new_password: str, *, current_password: str = "", sign_in_id: UUID,
                    address: str | None) -> None:
    """Set a password and end all other sign-ins.

    The current password proves who asks; so does having signed in with a code just now, which is how a forgotten
    or a first password is set. Raises Invalid, TriedTooOften, SignInOver.
    """
    account = find(id)
    before = account.password_hash
    if not (_began_lately(sign_in_id, SignInMethod.CODE) or _proves(account, current_password, address)):
        raise Invalid(errors=[FieldError("#/current_password", WRONG_PASSWORD)])
    is_given = account.is_password_given
    let_go()
    if is_given and passwords.is_right(before, new_password):
        raise Invalid(errors=[FieldError("#/new_password", NOT_ANOTHER)])
    password_hash = passwords.hash_password(new_password)
    with transaction():
        account = people.lock(id)
        if not account.is_active:
            raise SignInOver()
        if account.password_hash != before:
            raise Invalid(errors=[FieldError("#/current_password", WRONG_PASSWORD)])
        account.password_hash, account.is_password_given = password_hash, False
        tokens.end_all(id, but=sign_in_id)


def check_it_is_them(id: UUID, *, current_password: str, sign_in_id: UUID, address: str | None) -> None:
    """Raises Invalid unless somebody proves who they are: by the password, or by having signed in with a code just
    now. Raises TriedTooOften."""
    if not (_began_lately(sign_in_id, SignInMethod.CODE) or _proves(find(id), current_password, address)):
        raise Invalid(errors=[FieldError("#/current_password", WRONG_PASSWORD)])


def _move(account: Account, phone: str | None, *, but: UUID) -> None:
    """Give the account another phone, and end all its sign-ins `but` one. None, or the one it has, changes nothing."""
    if phone in (None, account.phone):
        return
    account.phone = phone
    try:
        db.session.flush()
    except IntegrityError as error:
        raise PhoneTaken() from error
    tokens.end_all(account.id, but=but)
    log.info("phone-changed", account=str(account.id))


def _began_lately(sign_in_id: UUID, *methods: SignInMethod) -> bool:
    """Whether this sign-in began a moment ago, by one of `methods` when any is named."""
    sign_in = db.session.get_one(SignIn, sign_in_id)
    return (not methods or sign_in.method in methods) and clock.now() - sign_in.created_at < FRESH


def _proves(account: Account, password: str, address: str | None) -> bool:
    if not password:
        return False
    phone, password_hash = account.phone or "", account.password_hash
    guessing.check(phone, address)
    let_go()
    if passwords.is_right(password_hash, password):
        return True
    guessing.count_wrong(phone, address)
    return False
