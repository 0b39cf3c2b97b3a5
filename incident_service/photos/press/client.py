"""How the rest of the house reaches the press: by path, over a unix socket."""

import socket
from dataclasses import dataclass
from pathlib import Path

from incident_service.photos.press.limits import Limits
from incident_service.photos.press.protocol import (
    INSPECT,
    SCREEN,
    Reply,
    packed_request,
    perform,
    picture_in,
    read_reply,
    taken,
)
from incident_service.photos.press.refusals import PressAway, Reason, Refused
from incident_service.photos.press.work import Picture

INLINE = "inline"
TRIES = 2


@dataclass(frozen=True, slots=True)
class Press:
    """The press behind the socket at `address`; "inline" works in this process, for tests."""

    address: str
    limits: Limits

    def inspect(self, path: Path) -> Picture:
        """Everything one look at the picture tells. Raises Refused, or PressAway when nobody could look."""
        return picture_in(self._ask(INSPECT, path))

    def screen(self, path: Path) -> bytes:
        """The copy for screens, as JPEG. Raises Refused, or PressAway when nobody could make it."""
        return taken(self._ask(SCREEN, path)).jpeg

    def _ask(self, task: str, path: Path) -> Reply:
        """The press's answer. A picture that twice ends in a death is refused: it killed them."""
        if self.address == INLINE:
            return perform(task, path, self.limits)
        for _ in range(TRIES):
            if reply := self._call(packed_request(task, path.absolute())):
                return reply
        raise Refused(Reason.DEADLY)

    def _call(self, request: bytes) -> Reply | None:
        """One connection, one request, one answer; None when the press died over it.

        Pictures before ours may each take their full time; whoever waits longer than that for two is told to
        come back. A death may reset the connection instead of ending it: that is the same.
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2 * self.limits.seconds_max + 1)
            try:
                connection.connect(self.address)
            except OSError as error:
                raise PressAway("No press can be reached.") from error
            try:
                connection.sendall(request)
                return read_reply(connection)
            except TimeoutError as error:
                raise PressAway("The press is too busy.") from error
            except ConnectionError:
                return None
