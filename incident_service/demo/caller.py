"""Calling the running service over HTTP, as a phone does."""

import http.client
import json
import secrets
from typing import Any

TIMEOUT_S = 15


class CallFailed(Exception):
    """The service answered with a problem."""


class Caller:
    """One person's phone: signs in, keeps the token, sends and reads JSON."""

    def __init__(self, host: str, port: int) -> None:
        self.connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        self.token = ""

    def sign_in(self, phone: str, password: str) -> None:
        """Sign in with a password. Raises CallFailed."""
        self.token = self.post("/api/v1/tokens", {"phone": phone, "password": password})["access_token"]

    def get(self, path: str) -> Any:
        """What stands at `path`. Raises CallFailed."""
        return self._call("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send JSON. Raises CallFailed."""
        return self._call("POST", path, json.dumps(body or {}).encode(), {"Content-Type": "application/json"})

    def send(self, path: str, words: dict[str, Any], photos: list[bytes]) -> Any:
        """Send words and JPEG pictures as a form, with an Idempotency-Key. Raises CallFailed."""
        body, content_type = form(words, photos)
        return self._call("POST", path, body, {"Content-Type": content_type, "Idempotency-Key": secrets.token_hex(16)})

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise CallFailed(f"{method} {path} → {answer.status}: {content.decode(errors='replace')}")
        return json.loads(content) if content else None


def form(words: dict[str, Any], photos: list[bytes]) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type."""
    boundary = secrets.token_hex(16)
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in words.items()]
    for number, photo in enumerate(photos, 1):
        head = (f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="{number}.jpg"\r\n'
                "Content-Type: image/jpeg\r\n\r\n")
        parts.append(head.encode() + photo + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
