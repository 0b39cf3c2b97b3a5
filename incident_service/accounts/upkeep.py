"""Forgetting what has served its time."""

from collections.abc import Iterator
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, delete, inspect, or_, select

from incident_service.accounts.models import AccessToken, LoginCode, RefreshToken, SignIn
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction


def forget_old(*, batch: int = 1000) -> int:
    """Delete tokens past their life, sign-ins that are over, and useless codes; how many rows. Safe to repeat.

    At most `batch` of each kind: the scheduler has other duties, and on SQLite whoever writes waits meanwhile.
    """
    return sum(_forget(kind, is_old, batch) for kind, is_old in _old())


def _old() -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Each kind, and which rows of it nobody needs. A sign-in goes last, when no refresh token of it is left."""
    now, rules = clock.now(), current_app.config
    has_ended, is_old = SignIn.ended_at.is_not(None), SignIn.created_at < now - rules["REFRESH_TOKEN_LIFE"]
    is_held = select(RefreshToken.digest).where(RefreshToken.sign_in_id == SignIn.id).exists()
    yield AccessToken, AccessToken.expires_at < now
    yield RefreshToken, RefreshToken.expires_at < now
    yield RefreshToken, RefreshToken.sign_in_id.in_(select(SignIn.id).where(has_ended))
    yield SignIn, or_(has_ended, is_old) & ~is_held
    yield LoginCode, LoginCode.created_at < now - 2 * rules["LOGIN_CODE_LIFE"]


def _forget(kind: Any, is_old: ColumnElement[bool], batch: int) -> int:
    [key] = inspect(kind).primary_key
    old = delete(kind).where(key.in_(select(key).where(is_old).limit(batch)))
    with transaction():
        gone = db.session.execute(old.execution_options(synchronize_session=False))
        return int(gone.rowcount)                           # type: ignore[attr-defined]
