"""Forgetting what has served its time."""

from flask import current_app
from sqlalchemy import delete, or_, select

from incident_service.accounts.models import AccessToken, LoginCode, RefreshToken, SignIn
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction


def forget_old() -> int:
    """Delete tokens past their life, sign-ins that are over, and useless codes; how many rows. Safe to repeat."""
    now = clock.now()
    unused = now - 2 * current_app.config["LOGIN_CODE_LIFE"]
    over = or_(SignIn.ended_at.is_not(None), SignIn.id.not_in(select(RefreshToken.sign_in_id)))
    with transaction():
        gone = [
            db.session.execute(statement.execution_options(synchronize_session=False)).rowcount   # type: ignore[attr-defined]
            for statement in (
                delete(AccessToken).where(AccessToken.expires_at < now),
                delete(RefreshToken).where(RefreshToken.expires_at < now),
                delete(SignIn).where(over),
                delete(LoginCode).where(LoginCode.created_at < unused),
            )
        ]
        return sum(gone)
