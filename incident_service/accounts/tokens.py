"""Opaque tokens: 256 random bits for the phone, their SHA-256 for us, and a family of them for each sign-in.

A refresh token is exchanged once. Whoever shows it again holds a copy, and the whole sign-in ends; but a phone
whose answer was lost on the way may ask again for a moment, as long as nothing given for it has been used.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, or_, select, update

from incident_service.accounts.models import AccessToken, Account, RefreshToken, SignIn, SignInMethod
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.problems import Unauthenticated
from incident_service.foundation.transaction import for_update, transaction
from incident_service.foundation.words import both

BYTES = 32


class SignInOver(Unauthenticated):
    """The token is unknown, spent or past its life, or its sign-in has ended."""
    slug, title = "sign-in-over", both("登录已失效，请重新登录", "This sign-in is over, sign in again")


@dataclass(frozen=True)
class Pair:
    """What a phone receives when it signs in or refreshes."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    account: Account


def start(account: Account, method: SignInMethod = SignInMethod.PASSWORD) -> Pair:
    """A new sign-in, for somebody who has proved who they are by `method`."""
    with transaction():
        sign_in = SignIn(id=new_id(), account_id=account.id, method=method)
        db.session.add(sign_in)
        db.session.flush()
        return _pair(sign_in, account, parent=None)


def refresh(refresh_token: str) -> Pair:
    """The next pair for a refresh token. Raises SignInOver; one that was exchanged before ends its sign-in."""
    with transaction():
        pair = _exchange(digest(refresh_token))
    if pair is None:
        raise SignInOver()
    return pair


def end(sign_in_id: UUID) -> None:
    """Sign out: none of the sign-in's tokens is good any more. Safe to repeat."""
    with transaction():
        _end(SignIn.id == sign_in_id)


def end_all(account_id: UUID, *, but: UUID | None = None) -> None:
    """End every sign-in of an account, `but` one. Safe to repeat."""
    with transaction():
        _end(SignIn.account_id == account_id, *([SignIn.id != but] if but else []))


def digest(token: str) -> str:
    """What is kept of a token. It is random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def _end(*which: ColumnElement[bool]) -> None:
    db.session.execute(update(SignIn).where(SignIn.ended_at.is_(None), *which).values(ended_at=clock.now()))


def _exchange(shown: str) -> Pair | None:
    owner = select(RefreshToken.sign_in_id).where(RefreshToken.digest == shown).scalar_subquery()
    sign_in = db.session.scalar(for_update(select(SignIn).where(SignIn.id == owner, SignIn.ended_at.is_(None))))
    if sign_in is None:
        return None
    token = db.session.get_one(RefreshToken, shown, populate_existing=True)
    account = db.session.get_one(Account, sign_in.account_id)
    if token.expires_at <= clock.now() or not account.is_active:
        return None
    if token.spent_at is None:
        _spend(token)
    elif not _is_forgiven(token):
        sign_in.ended_at = clock.now()
        return None
    return _pair(sign_in, account, parent=token.digest)


def _spend(token: RefreshToken) -> None:
    """Spend a token and what else was given for the same parent: of several answers one phone keeps one."""
    family = RefreshToken.sign_in_id == token.sign_in_id
    db.session.execute(
        update(RefreshToken).where(family, RefreshToken.spent_at.is_(None),
                                   or_(RefreshToken.digest == token.digest, RefreshToken.parent == token.parent))
        .values(spent_at=clock.now())
    )


def _is_forgiven(token: RefreshToken) -> bool:
    """Whether the answer may have been lost: exchanged a moment ago, and nothing given for it was used since."""
    if token.spent_at is None or clock.now() > token.spent_at + current_app.config["REFRESH_FORGIVENESS"]:
        return False
    given = select(RefreshToken.spent_at).where(
        RefreshToken.sign_in_id == token.sign_in_id, RefreshToken.parent == token.digest)
    spent = db.session.scalars(given).all()
    return bool(spent) and not any(spent)


def _pair(sign_in: SignIn, account: Account, *, parent: str | None) -> Pair:
    access, following = secrets.token_urlsafe(BYTES), secrets.token_urlsafe(BYTES)
    life: timedelta = current_app.config["ACCESS_TOKEN_LIFE"]
    now = clock.now()
    db.session.add_all([
        AccessToken(digest=digest(access), sign_in_id=sign_in.id, expires_at=now + life),
        RefreshToken(digest=digest(following), sign_in_id=sign_in.id, parent=parent,
                     expires_at=now + current_app.config["REFRESH_TOKEN_LIFE"]),
    ])
    return Pair(access, following, int(life.total_seconds()), account)
