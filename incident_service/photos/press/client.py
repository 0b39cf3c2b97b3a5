"""How the rest of the house reaches the press: by path, over a unix socket."""

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from incident_service.photos.press.boxes import Box
from incident_service.photos.press.limits import Limits
from incident_service.photos.press.protocol import (
    BESIDE,
    COPY,
    INSPECT,
    Reply,
    Request,
    perform,
    picture_in,
    read_reply,
    taken,
)
from incident_service.photos.press.refusals import PressAway, Reason, Refused
from incident_service.photos.press.work import SCREEN_SIDE, THUMB_SIDE, Picture

INLINE = "inline"
TRIES = 2
OUT_OF_TIME = 0.9                   # of the limit: whatever ended then was ended by the alarm


def _nothing() -> None:
    """Nothing is done meanwhile."""


@dataclass(frozen=True, slots=True)
class Press:
    """The press behind the socket at `address`; "inline" works in this process, for tests."""

    address: str
    limits: Limits

    def inspect(self, path: Path, *, meanwhile: Callable[[], None] = _nothing) -> Picture:
        """Everything one look at the picture tells; `meanwhile` is done while the press looks, once or more often.
        Raises Refused, or PressAway when nobody could look."""
        return picture_in(self._ask(Request(INSPECT, path), meanwhile))

    def screen(self, path: Path, boxes: Sequence[Box] = ()) -> bytes:
        """The copy for screens, as JPEG, nothing of what lay in the boxes left. Raises Refused, or PressAway."""
        return self._copy(path, SCREEN_SIDE, boxes)

    def thumb(self, path: Path, boxes: Sequence[Box] = ()) -> bytes:
        """The small copy, likewise."""
        return self._copy(path, THUMB_SIDE, boxes)

    def beside(self, before: Path, after: Path, captions: Sequence[str]) -> bytes:
        """Two pictures side by side under their captions, as JPEG. Raises Refused, or PressAway."""
        return taken(self._ask(Request(BESIDE, before, {"after": str(after), "captions": list(captions)}))).jpeg

    def _copy(self, path: Path, side: int, boxes: Sequence[Box]) -> bytes:
        return taken(self._ask(Request(COPY, path, {"side": side, "boxes": [asdict(box) for box in boxes]}))).jpeg

    def _ask(self, request: Request, meanwhile: Callable[[], None] = _nothing) -> Reply:
        """The press's answer. A picture that took all its time, or twice ends in a death, is refused."""
        if self.address == INLINE:
            meanwhile()
            return perform(request, self.limits)
        for _ in range(TRIES):
            if reply := self._call(request.packed(), meanwhile):
                return reply
        raise Refused(Reason.DEADLY)

    def _call(self, request: bytes, meanwhile: Callable[[], None]) -> Reply | None:
        """One connection, one request, one answer; None when the press died over it sooner than its time was up.

        Waiting for a turn is counted apart from the work: pictures that take all their time only make the ones
        behind them wait. A death may reset the connection instead of ending it: that is the same.
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.settimeout(self.limits.wait_seconds_max)
                connection.connect(self.address)
            except OSError as error:
                raise PressAway("No press can be reached.") from error
            try:
                connection.sendall(request)
                meanwhile()
                return self._served(connection)
            except TimeoutError as error:
                raise PressAway("The press is too busy.") from error
            except ConnectionError:
                return None

    def _served(self, connection: socket.socket) -> Reply | None:
        """The answer, once it is our turn. Raises Refused when the alarm ended the work."""
        if not connection.recv(1):
            return None
        began = time.monotonic()
        connection.settimeout(self.limits.answer_seconds_max)
        try:
            reply = read_reply(connection)
        except ConnectionError:
            reply = None
        is_over = time.monotonic() - began >= OUT_OF_TIME * self.limits.seconds_max
        if reply is None and is_over and not self.limits.in_no_hurry:
            raise Refused(Reason.DEADLY)
        return reply
