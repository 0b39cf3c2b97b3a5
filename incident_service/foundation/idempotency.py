"""`Idempotency-Key`: a request sent twice from a tunnel is one request.

The answer is stored in the very transaction that did the work, so after a crash the two can never disagree:
a key without an answer means that nothing was done.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from flask import Response, current_app, g, request
from sqlalchemy import ColumnElement, UniqueConstraint, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from incident_service.foundation import clock, keys
from incident_service.foundation.database import Id, Model, db, new_id
from incident_service.foundation.problems import Conflict, FieldError, Invalid, Problem
from incident_service.foundation.transaction import current_unit, transaction, unit_of_work
from incident_service.foundation.words import both

HEADER = "Idempotency-Key"
KEY_CHARACTERS_MAX = 255
PASSING = (412, 429)
View = TypeVar("View", bound=Callable[..., Any])


class IdempotentRequest(Model):
    """One use of a key by one account on one route, and its answer once there is one."""

    __tablename__ = "idempotent_request"
    __table_args__ = (UniqueConstraint("account_id", "route", "key"),)

    id: Mapped[Id]
    account_id: Mapped[UUID]
    route: Mapped[str]
    key: Mapped[str]
    content_digest: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None] = mapped_column(default=None)
    headers: Mapped[list[Any] | None] = mapped_column(default=None)
    body: Mapped[bytes | None] = mapped_column(default=None)


class KeyInUse(Conflict):
    """The first request with this key is still running."""
    slug, title = "idempotency-key-in-use", both("相同的请求正在处理", "The same request is still running")


class KeyReused(Invalid):
    """The key was used for something else."""
    slug, title = "idempotency-key-reused", both("该幂等键已用于其他内容", "This key was used with other content")


def idempotent(view: View) -> View:
    """Let a POST view honour `Idempotency-Key`. Stands under `arguments` and above `response`.

    Same account, route, key and content → the first answer again, for 24 h; other content → 422; the first
    still running → 409. What may pass by itself (server errors, 412, 429) is not stored. With a key or without one,
    the answer is read in the very transaction that did the work: it is what was committed.
    """
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if not key:
            with unit_of_work():
                return view(*args, **kwargs)
        if len(key) > KEY_CHARACTERS_MAX or not key.isascii() or not key.isprintable():
            raise Invalid(errors=[FieldError(f"#/{HEADER}", both("幂等键无效", "This key is not valid"))])
        claim, stored = _claim(key, _digest(args, kwargs))
        if stored is not None:
            return stored
        return _first_answer(claim, view, args, kwargs)

    answer.is_idempotent = True                     # type: ignore[attr-defined]
    return answer                                   # type: ignore[return-value]


class Claim(NamedTuple):
    """A key that is ours, as long as nobody took it over: then it has another time."""

    id: UUID
    claimed_at: datetime


def _claim(key: str, digest: str) -> tuple[Claim, Response | None]:
    """Make the key ours, or give the answer stored under it."""
    now = clock.now()
    mine = {"account_id": g.account_id, "route": f"{request.endpoint} {request.path}", "key": key}
    fresh = IdempotentRequest(id=new_id(), content_digest=digest, created_at=now, **mine)
    mine_now = Claim(fresh.id, now)
    try:
        with transaction():
            db.session.add(fresh)
            db.session.flush()
        return mine_now, None
    except IntegrityError:
        return _take_over(mine, digest, now)


def _take_over(mine: dict[str, Any], digest: str, now: datetime) -> tuple[Claim, Response | None]:
    with transaction():
        row = db.session.execute(
            select(IdempotentRequest).filter_by(**mine).with_for_update()).scalar_one_or_none()
        if row is None:
            raise KeyInUse(retry_after_s=1)
        too_old = row.created_at < now - current_app.config["IDEMPOTENCY_KEEP"]
        if row.content_digest != digest and not too_old:
            raise KeyReused()
        if row.status is not None and not too_old:
            stored = Response(row.body or b"", row.status, headers=[tuple(each) for each in row.headers or []])
            return Claim(row.id, row.created_at), stored
        if row.created_at > now - current_app.config["IDEMPOTENCY_STALE"]:
            raise KeyInUse(retry_after_s=1)
        row.created_at, row.content_digest, row.status, row.body = now, digest, None, None
        return Claim(row.id, now), None


def _first_answer(claim: Claim, view: Callable[..., Any], args: Any, kwargs: Any) -> Response:
    """Run the view and store its answer in its own transaction. A refusal is stored too: it did nothing else."""
    try:
        with unit_of_work():
            response = current_app.make_response(view(*args, **kwargs))
            with transaction():
                _store(claim, response)
            return response
    except Problem as problem:
        response = current_app.make_response(current_app.handle_user_exception(problem))
        if response.status_code >= 500 or response.status_code in PASSING:
            _forget(claim)
        else:
            with transaction():
                _store(claim, response)
        return response
    except Exception:
        _forget(claim)
        raise


def _store(claim: Claim, response: Response) -> None:
    """Keep the answer in the open transaction. Raises KeyInUse when the key was taken over meanwhile: the work that
    this transaction did is then undone, for the other request has done it or will."""
    headers = [[name, value] for name, value in response.headers if name.lower() not in ("content-length", "date")]
    kept = db.session.execute(
        update(IdempotentRequest).where(_is_ours(claim))
        .values(status=response.status_code, headers=headers, body=response.get_data())
        .execution_options(synchronize_session=False)
    )
    if kept.rowcount != 1:                  # type: ignore[attr-defined]
        raise KeyInUse(retry_after_s=1)


def _forget(claim: Claim) -> None:
    """Let the key be used anew. One that was taken over, or whose answer is there, stays."""
    db.session.rollback()
    with transaction():
        db.session.execute(delete(IdempotentRequest).where(_is_ours(claim), IdempotentRequest.status.is_(None))
                           .execution_options(synchronize_session=False))


def _is_ours(claim: Claim) -> ColumnElement[bool]:
    return and_(IdempotentRequest.id == claim.id, IdempotentRequest.created_at == claim.claimed_at)


def forget_old(*, batch: int = 5000) -> int:
    """Delete keys that are past their life; how many. Safe to repeat."""
    with transaction():
        old = select(IdempotentRequest.id).where(
            IdempotentRequest.created_at < clock.now() - current_app.config["IDEMPOTENCY_KEEP"]).limit(batch)
        gone = db.session.execute(delete(IdempotentRequest).where(IdempotentRequest.id.in_(old))
                                  .execution_options(synchronize_session=False))
        return int(gone.rowcount)           # type: ignore[attr-defined]


def forget_answers_to(account_id: UUID) -> None:
    """Delete the answers stored for somebody, in the open transaction: they may say who that was."""
    current_unit()
    db.session.execute(delete(IdempotentRequest).where(
        IdempotentRequest.account_id == account_id, IdempotentRequest.status.is_not(None))
        .execution_options(synchronize_session=False))


def _digest(args: Any, kwargs: Any) -> str:
    """What the caller meant: parsed fields, and files by their digest. Keyed, as a password may be among the fields."""
    content = orjson.dumps([args, kwargs], default=_plain, option=orjson.OPT_SORT_KEYS)
    return keys.seal("idempotent-request", content.decode())


def _plain(value: Any) -> Any:
    return getattr(value, "sha256", None) or str(value)
