"""Is everything there that the service stands on? Each check asks the thing itself, at most once a second."""

import socket
import time
from collections.abc import Callable

import structlog
from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from incident_service import photos
from incident_service.foundation.database import db
from incident_service.foundation.problems import Unavailable
from incident_service.foundation.queues import queues
from incident_service.photos.press import INLINE

WORKERS = ("routing", "push", "media", "exports", "scheduler")
PRESS_SECONDS_MAX = 1.0
AWAY = (SQLAlchemyError, RedisError, Unavailable, OSError)
log = structlog.get_logger(__name__)


def standing() -> dict[str, bool]:
    """What the service stands on, and whether it is there. A short while old at most, so that asking is cheap."""
    asked_at, found = current_app.extensions.get("standing", (0.0, {}))
    if not found or time.monotonic() - asked_at >= current_app.config["READY_AGE_S_MAX"]:
        found = _look()
        current_app.extensions["standing"] = (time.monotonic(), found)
    return found


def _look() -> dict[str, bool]:
    parts: dict[str, Callable[[], object]] = {
        "database": _ask_database, "redis": queues().redis.ping,
        "photo_store": lambda: photos.store().check(), "press": _knock_at_press}
    found = {name: _holds(name, check) for name, check in parts.items()}
    return found | (_workers() if found["redis"] else dict.fromkeys(WORKERS, False))    # not to wait for it twice


def _holds(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except AWAY as error:
        log.warning("not-ready", part=name, error=str(error))
        return False
    return True


def _ask_database() -> None:
    try:
        db.session.execute(text("SELECT 1"))
    finally:
        db.session.rollback()


def _knock_at_press() -> None:
    """Somebody keeps its door. Whether it is busy is not asked: that is no reason to send people away."""
    if current_app.config["PHOTO_PRESS"] != INLINE:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(PRESS_SECONDS_MAX)
            door.connect(current_app.config["PHOTO_PRESS"])


def _workers() -> dict[str, bool]:
    """Of each kind of process behind the queues, whether one said lately that it is alive."""
    try:
        alive = queues().alive_kinds()
    except RedisError:
        return dict.fromkeys(WORKERS, False)
    return {kind: alive[kind] > 0 for kind in WORKERS}
