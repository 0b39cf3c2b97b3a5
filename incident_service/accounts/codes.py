"""One-time codes: asked for in a request, made and sent by a job, good once, for a few minutes and a few tries.

The promise carries the id of a row and nothing else. The code is made where it is sent and kept as a keyed hash.
"""

import secrets
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, select

from incident_service.accounts.channel import channel
from incident_service.accounts.models import LoginCode
from incident_service.foundation import clock, keys, limits
from incident_service.foundation.database import db, new_id
from incident_service.foundation.outbox import enqueue
from incident_service.foundation.transaction import for_update, transaction

DIGITS = 6


def ask(phone: str, *, address: str | None) -> None:
    """Have a code sent to this number (E.164), known or not. Raises TriedTooOften.

    What is refused to an address costs the phone nothing of what it may ask for from elsewhere.
    """
    rules, caller = current_app.config, limits.subscriber(address)
    limits.take(rules["LOGIN_CODE_LIMIT_PER_ADDRESS"], "login-code/address", caller)
    limits.take(rules["LOGIN_CODE_LIMIT_PER_PHONE"], "login-code/phone", sealed(phone), caller)
    limits.take(rules["LOGIN_CODE_LIMIT_PER_PHONE_OVERALL"], "login-code/phone-overall", sealed(phone))
    with transaction():
        wanted = LoginCode(id=new_id(), phone=phone, phone_digest=sealed(phone))
        db.session.add(wanted)
        enqueue("workers.accounts.send_login_code", login_code_id=str(wanted.id))


def send(id: UUID) -> None:
    """Make the code that was asked for and send it.

    Safe to repeat: once it was sent nothing happens; a repeat after a failure sends a new code, and only the last
    counts. One that nobody can still be waiting for is dropped.
    """
    code = f"{secrets.randbelow(10 ** DIGITS):0{DIGITS}}"
    phone = _prepare(id, code)
    if phone is None:
        return
    channel().send(phone, code)
    with transaction():
        sent = _locked(id)
        if sent is not None:
            sent.phone = None


def redeem(phone: str, code: str) -> bool:
    """Whether this is the last code sent to the number. A right one is used up, a wrong one costs a try.

    Must be called inside a transaction that is committed either way.
    """
    sent = (LoginCode.phone_digest == sealed(phone), LoginCode.code_hash.is_not(None))
    newest_first = select(LoginCode).where(*sent).order_by(LoginCode.created_at.desc(), LoginCode.id.desc())
    last = db.session.scalar(for_update(newest_first.limit(1)))
    if last is None or not _is_good(last):
        return False
    last.tries += 1
    if not secrets.compare_digest(last.code_hash or "", _hash(last.id, code)):
        return False
    db.session.execute(delete(LoginCode).where(*sent))
    return True


def sealed(phone: str) -> str:
    """What stands for a number where the number itself must not stand. Only this installation can make it."""
    return keys.seal("phone", phone)


def _prepare(id: UUID, code: str) -> str | None:
    """Keep the hash of the code; the number to send it to, or None when it is not wanted any more."""
    now, life = clock.now(), current_app.config["LOGIN_CODE_LIFE"]
    with transaction():
        wanted = _locked(id)
        if wanted is None or wanted.phone is None:
            return None
        if wanted.created_at < now - life:
            db.session.delete(wanted)
            return None
        wanted.code_hash, wanted.expires_at = _hash(id, code), now + life
        return wanted.phone


def _locked(id: UUID) -> LoginCode | None:
    return db.session.scalar(for_update(select(LoginCode).where(LoginCode.id == id)))


def _is_good(code: LoginCode) -> bool:
    tries_max = current_app.config["LOGIN_CODE_TRIES_MAX"]
    return code.expires_at is not None and clock.now() < code.expires_at and code.tries < tries_max


def _hash(id: UUID, code: str) -> str:
    return keys.seal("login-code", f"{id} {code}")
