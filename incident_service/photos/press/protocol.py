"""What goes over the press's socket: one JSON line asks; one JSON line, and after it a JPEG's bytes, answer.

The first line of an answer says how many bytes follow, so that an answer cut short by a death is known as such.
"""

import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from incident_service.photos.press.limits import Limits
from incident_service.photos.press.refusals import PressAway, Reason, Refused
from incident_service.photos.press.work import Picture, inspect, make_screen

CHUNK_BYTES = 256 * 1024
REQUEST_BYTES_MAX = 16 * 1024
INSPECT, SCREEN = "inspect", "screen"


class Reply(NamedTuple):
    """The answer to one request: what is known, and a JPEG; or why there is none."""

    facts: dict[str, Any]
    jpeg: bytes = b""

    def packed(self) -> bytes:
        """The answer as it goes over the socket."""
        return orjson.dumps(self.facts | {"bytes": len(self.jpeg)}) + b"\n" + self.jpeg


def perform(task: str, path: Path, limits: Limits) -> Reply:
    """Do one piece of work. A refusal is an answer like any other; so is a file that cannot be opened."""
    try:
        if task == SCREEN:
            return Reply({}, make_screen(path, limits))
        facts = asdict(inspect(path, limits))
        return Reply(facts, facts.pop("thumb"))
    except Refused as refusal:
        return Reply({"refused": refusal.reason, "seems": refusal.seems})
    except OSError as fault:
        return Reply({"fault": str(fault)})


def packed_request(task: str, path: Path) -> bytes:
    """A request as it goes over the socket."""
    return orjson.dumps({"task": task, "path": str(path)}) + b"\n"


def read_request(connection: socket.socket) -> tuple[str, Path] | None:
    """What is asked; None when the caller went away before it had asked anything."""
    line = b""
    while not line.endswith(b"\n") and len(line) < REQUEST_BYTES_MAX:
        part = connection.recv(REQUEST_BYTES_MAX)
        if not part:
            return None
        line += part
    request = orjson.loads(line)
    return request["task"], Path(request["path"])


def read_reply(connection: socket.socket) -> Reply | None:
    """The whole answer; None when the press died before it had given one."""
    received = b"".join(iter(lambda: connection.recv(CHUNK_BYTES), b""))
    line, newline, jpeg = received.partition(b"\n")
    if not newline:
        return None
    facts = orjson.loads(line)
    return Reply(facts, jpeg) if facts.pop("bytes") == len(jpeg) else None


def picture_in(reply: Reply) -> Picture:
    """The picture that an answer describes. Raises Refused."""
    return Picture(**taken(reply).facts, thumb=reply.jpeg)


def taken(reply: Reply) -> Reply:
    """The answer, if it is no refusal. Raises Refused; PressAway when the file could not be opened."""
    if "fault" in reply.facts:
        raise PressAway(reply.facts["fault"])
    if "refused" in reply.facts:
        raise Refused(Reason(reply.facts["refused"]), reply.facts["seems"])
    return reply
