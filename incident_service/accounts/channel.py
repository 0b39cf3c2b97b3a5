"""How a one-time code reaches a phone: the city's SMS gateway, or the terminal of whoever develops."""

import sys
from typing import Protocol

from flask import current_app

from incident_service.accounts.phones import mask
from incident_service.foundation import gateway
from incident_service.foundation.database import new_id

CHANNEL = "login_code_channel"


class Channel(Protocol):
    """Whatever can bring a code to a phone."""

    def send(self, phone: str, code: str) -> None:
        """Bring `code` to `phone` (E.164). Raises OSError when it did not get through."""


class Terminal:
    """Shows the code to whoever started the service, and writes it nowhere."""

    def send(self, phone: str, code: str) -> None:
        """Print the code."""
        sys.stdout.write(f"登录验证码 login code {mask(phone)}: {code}\n")
        sys.stdout.flush()


class Gateway:
    """Hands the code to the city's SMS gateway."""

    def __init__(self, address: str) -> None:
        self.address = address

    def send(self, phone: str, code: str) -> None:
        """POST it, signed. Each code is a message of its own: a repeated job made a new one."""
        gateway.send(self.address, id=str(new_id()), kind="login_code", phone=phone, code=code)


def channel() -> Channel:
    """The channel of this installation. Production does not start without a gateway."""
    given: Channel | None = current_app.extensions.get(CHANNEL)
    address = current_app.config["LOGIN_CODE_CHANNEL"]
    return given or (Gateway(address) if address else Terminal())
