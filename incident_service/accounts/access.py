"""Who is speaking, and whether they may: the outermost line on every view."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import g, request
from sqlalchemy import bindparam, select

from incident_service.accounts.models import AccessToken, Account, RoleHeld, SignIn
from incident_service.accounts.roles import Role
from incident_service.accounts.tokens import SignInOver, digest
from incident_service.foundation import clock
from incident_service.foundation.problems import Forbidden, Unauthenticated
from incident_service.foundation.ready import Question, apart
from incident_service.foundation.refusals import Access
from incident_service.foundation.words import both

SCHEME = "Bearer "


class PasswordToChange(Forbidden):
    """Whoever came in with a password that an administrator gave them first sets one of their own."""
    slug, title = "password-to-be-changed", both("请先设置您自己的密码", "First set a password of your own")


View = TypeVar("View", bound=Callable[..., Any])


def anyone(view: View) -> View:
    """Let everybody call a view, signed in or not."""
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        _remember(None, None)
        return view(*args, **kwargs)

    return _open_to(answer, Access(is_open=True))


HOLDER = Question(
    select(SignIn.id.label("sign_in_id"), Account.id, Account.phone, Account.name, Account.created_at,
           Account.is_password_given, Account.let_in_by_id, RoleHeld.role, RoleHeld.kind, RoleHeld.area_code)
    .select_from(AccessToken)
    .join(SignIn, SignIn.id == AccessToken.sign_in_id)
    .join(Account, Account.id == SignIn.account_id)
    .outerjoin(RoleHeld, RoleHeld.account_id == Account.id)
    .where(AccessToken.digest == bindparam("digest"), AccessToken.expires_at > bindparam("now"),
           SignIn.ended_at.is_(None), Account.is_active)
    .order_by(RoleHeld.id))


def signed_in(view: View) -> View:
    """Let whoever is signed in call a view."""
    return requires()(view)


def coming_in(view: View) -> View:
    """Let whoever is signed in call a view, also by a password that was given to them and is not their own yet."""
    return requires(with_given_password=True)(view)


def requires(*roles: Role, with_given_password: bool = False) -> Callable[[View], View]:
    """Let whoever holds one of `roles`, within whatever area, call a view; what they may touch the verb decides."""
    def guard(view: View) -> View:
        @wraps(view)
        def answer(*args: Any, **kwargs: Any) -> Any:
            account = _sign_in(with_given_password=with_given_password)
            if roles and not account.holds(*roles):
                raise Forbidden()
            return view(*args, **kwargs)

        if not with_given_password:
            answer.refuses = (*getattr(view, "refuses", ()), PasswordToChange)      # type: ignore[attr-defined]
        return _open_to(answer, Access(is_open=False, roles=tuple(sorted(roles))))

    return guard


def current_account() -> Account:
    """Who is speaking, with the roles they hold: as it was when the call began, and outside the session, so that
    nothing reads it again. Raises Unauthenticated on a view that is open to anyone."""
    if g.get("account") is None:
        raise Unauthenticated()
    return g.account


def speaking() -> Account:
    """Who is speaking on a view that is open to anyone. Raises Unauthenticated when nobody says."""
    _sign_in()
    return current_account()


def current_sign_in() -> UUID:
    """The sign-in whose token was shown. Raises Unauthenticated on a view that is open to anyone."""
    current_account()
    return g.sign_in_id


def _open_to(answer: Callable[..., Any], access: Access) -> Any:
    answer.access = access                          # type: ignore[attr-defined]
    return answer


def _sign_in(*, with_given_password: bool = False) -> Account:
    header = request.headers.get("Authorization", "")
    if not header.startswith(SCHEME):
        _remember(None, None)
        raise Unauthenticated()
    account, sign_in_id = _who_holds(header.removeprefix(SCHEME).strip())
    _remember(account, sign_in_id)
    if account is None:
        raise SignInOver()
    if account.is_password_given and not with_given_password:
        raise PasswordToChange()
    return account


def _remember(account: Account | None, sign_in_id: UUID | None) -> None:
    g.account, g.sign_in_id = account, sign_in_id
    g.account_id = account.id if account else None


def _who_holds(token: str) -> tuple[Account | None, UUID | None]:
    """Whose access token it is, roles and all, in one query; (None, None) when it is not good any more."""
    rows = HOLDER.ask(digest=digest(token), now=clock.now())
    if not rows:
        return None, None
    first = rows[0]
    roles = [apart(RoleHeld, role=row.role, kind=row.kind, area_code=row.area_code) for row in rows if row.role]
    account = apart(Account, id=first.id, phone=first.phone, name=first.name, is_active=True, roles=roles,
                    is_password_given=first.is_password_given, let_in_by_id=first.let_in_by_id,
                    created_at=first.created_at)
    return account, first.sign_in_id
