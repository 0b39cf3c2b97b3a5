"""Signing in and out, and what people see and change about themselves."""

from typing import Any

from flask import Response, current_app, request

from incident_service.accounts import codes, own, sign_in, tokens
from incident_service.accounts.access import anyone, coming_in, current_account, current_sign_in, signed_in
from incident_service.accounts.models import Account
from incident_service.accounts.people import PhoneTaken
from incident_service.accounts.schemas import (
    LoginCodeInput,
    LoginCodeOutput,
    MeInput,
    MeOutput,
    PasswordInput,
    RefreshInput,
    TokenInput,
    TokenOutput,
)
from incident_service.accounts.sign_in import SignInRefused
from incident_service.accounts.tokens import Pair, SignInOver
from incident_service.foundation.http import Blueprint
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.limits import TriedTooOften

bp = Blueprint("accounts", __name__, url_prefix="/api/v1", description="登录与个人账号")
NOT_KEPT = {"Cache-Control": "no-store"}


@bp.post("/login-codes")
@anyone
@bp.refuses(TriedTooOften)
@bp.arguments(LoginCodeInput)
@bp.response(202, LoginCodeOutput)
def ask_for_code(body: dict[str, Any]) -> dict[str, int]:
    """Have a one-time code sent. The answer is the same whether or not anybody has this number."""
    codes.ask(body["phone"], address=request.remote_addr)
    return {"expires_in": int(current_app.config["LOGIN_CODE_LIFE"].total_seconds())}


@bp.post("/tokens")
@anyone
@bp.refuses(SignInRefused, PhoneTaken, TriedTooOften)
@bp.arguments(TokenInput)
@bp.response(201, TokenOutput)
def sign_in_with(body: dict[str, Any]) -> tuple[Pair, dict[str, str]]:
    """Sign in by password or by code. Whoever signs in by code for the first time becomes a resident."""
    enter = sign_in.by_code if "code" in body else sign_in.by_password
    return enter(**body, address=request.remote_addr), NOT_KEPT


@bp.post("/tokens/refresh")
@anyone
@bp.refuses(SignInOver)
@bp.arguments(RefreshInput)
@bp.response(200, TokenOutput)
def refresh(body: dict[str, Any]) -> tuple[Pair, dict[str, str]]:
    """Exchange a refresh token for the next pair, once: shown again, it ends the sign-in."""
    return tokens.refresh(**body), NOT_KEPT


@bp.delete("/tokens/current")
@coming_in
@bp.response(204)
def sign_out() -> Response:
    """Sign out, at once."""
    tokens.end(current_sign_in())
    return Response(status=204)


@bp.get("/me")
@coming_in
@bp.response(200, MeOutput)
def me() -> Account:
    """Who is signed in."""
    return current_account()


@bp.patch("/me")
@signed_in
@bp.refuses(PhoneTaken, TriedTooOften)
@bp.arguments(MeInput)
@bp.response(200, MeOutput)
def change_me(body: dict[str, Any]) -> Account:
    """Change one's name, or one's phone number to one that a code was sent to; then all other sign-ins end."""
    return own.change(current_account().id, **body, sign_in_id=current_sign_in(), address=request.remote_addr)


@bp.post("/me/password")
@coming_in
@bp.refuses(TriedTooOften)
@bp.arguments(PasswordInput)
@idempotent
@bp.response(204)
def change_password(body: dict[str, Any]) -> Response:
    """Set a password. All other sign-ins end."""
    own.change_password(current_account().id, **body, sign_in_id=current_sign_in(), address=request.remote_addr)
    return Response(status=204)
