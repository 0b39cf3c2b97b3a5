"""What goes over the press's socket: one JSON line asks; a mark that the work begins, one JSON line, and after it a
JPEG's bytes, answer.

The mark tells who waits for a turn from who is being served. The line says how many bytes follow, so that an answer
cut short by a death is known as such.
"""

import socket
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from incident_service.photos.press.beside import lay_side_by_side
from incident_service.photos.press.limits import Limits
from incident_service.photos.press.refusals import PressAway, Reason, Refused
from incident_service.photos.press.work import Picture, inspect, make_copy

CHUNK_BYTES = 256 * 1024
REQUEST_BYTES_MAX = 64 * 1024
BEGUN = b"!"
INSPECT, COPY, BESIDE = "inspect", "copy", "beside"


class Request(NamedTuple):
    """One piece of work: on the picture at `path`, with what else the task must know."""

    task: str
    path: Path
    more: dict[str, Any] = {}                                                           # noqa: RUF012

    def packed(self) -> bytes:
        """The request as it goes over the socket."""
        return orjson.dumps({"task": self.task, "path": str(self.path.absolute()), "more": self.more}) + b"\n"


class Reply(NamedTuple):
    """The answer to one request: what is known, and a JPEG; or why there is none."""

    facts: dict[str, Any]
    jpeg: bytes = b""

    def packed(self) -> bytes:
        """The answer as it goes over the socket."""
        return orjson.dumps(self.facts | {"bytes": len(self.jpeg)}) + b"\n" + self.jpeg


def perform(request: Request, limits: Limits) -> Reply:
    """Do one piece of work. A refusal is an answer like any other; so is a file that cannot be opened."""
    try:
        return TASKS[request.task](request.path, limits, **request.more)
    except Refused as refusal:
        return Reply({"refused": refusal.reason, "seems": refusal.seems})
    except OSError as fault:
        return Reply({"fault": str(fault)})


def _inspected(path: Path, limits: Limits) -> Reply:
    facts = asdict(inspect(path, limits))
    return Reply(facts, facts.pop("thumb"))


TASKS: dict[str, Callable[..., Reply]] = {
    INSPECT: _inspected,
    COPY: lambda path, limits, **more: Reply({}, make_copy(path, limits, **more)),
    BESIDE: lambda path, limits, **more: Reply({}, lay_side_by_side(path, limits, **more)),
}


def read_request(connection: socket.socket) -> Request | None:
    """What is asked; None when the caller went away before it had asked anything."""
    line = b""
    while not line.endswith(b"\n") and len(line) < REQUEST_BYTES_MAX:
        part = connection.recv(REQUEST_BYTES_MAX)
        if not part:
            return None
        line += part
    request = orjson.loads(line)
    return Request(request["task"], Path(request["path"]), request["more"])


def read_reply(connection: socket.socket) -> Reply | None:
    """The whole answer after its mark; None when the press died before it had given one."""
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
