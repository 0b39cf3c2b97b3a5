"""The installation's secret, and what is derived from it: signatures that only this installation can make."""

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from flask import Flask, current_app


def load_secret(app: Flask) -> None:
    """Make sure SECRET_KEY is there: given by the settings, else read from (or once made in) KEYS_DIR."""
    if not app.config.get("SECRET_KEY"):
        app.config["SECRET_IS_KEPT"] = True
        read_secret_again(app)


def read_secret_again(app: Flask) -> None:
    """Go by what KEYS_DIR holds now, unless the settings give the secret."""
    if app.config.get("SECRET_IS_KEPT"):
        app.config["SECRET_KEY"] = kept_secret(app.config["KEYS_DIR"] / "secret.key", lambda: secrets.token_hex(32))


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in `path`; when there is none, one is made and written once, readable by its owner alone.

    Two processes that start together agree: the link is made by one of them only.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass                       # another process was first; its secret counts
        finally:
            draft.unlink()
    return path.read_text().strip()


def seal(purpose: str, message: str) -> str:
    """A signature over `message` for one `purpose`, 43 URL-safe characters. The same input, the same signature."""
    return _digest(purpose, message)[:43]


def seal_is_right(purpose: str, message: str, signature: str) -> bool:
    """Whether `signature` was made by `seal` here, compared in constant time."""
    return hmac.compare_digest(seal(purpose, message).encode(), signature.encode())


def _digest(purpose: str, message: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, f"{purpose}\n{message}".encode(), "sha256").hex()
