"""What the server itself refuses, before the application hears of it: answered as problem+json like everything else."""

import socket
import time
from contextlib import suppress

import orjson
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from incident_service.foundation import problems
from incident_service.foundation.database import new_id
from incident_service.foundation.words import both, language_asked_for
from incident_service.operations.arriving import Arriving

LINGER_SECONDS = 5.0
DISCARD_BYTES = 256 * 1024


class HeadersTooLarge(problems.Problem):
    """More header bytes than are taken."""
    status, slug, title = 431, "headers-too-large", both("请求头过大", "The request headers are too large")


class CodingUnknown(problems.Problem):
    """A transfer coding this server does not speak."""
    status, slug, title = 501, "transfer-coding-unknown", both("不支持的传输编码", "Unknown transfer coding")


KINDS = {kind.status: kind for kind in (problems.BadRequest, problems.TooLarge, HeadersTooLarge, CodingUnknown,
                                      problems.Unavailable)}


class Refusal(ErrorTask):
    """Answers a request that could not be read, is too large to be, or waited too long for its turn."""

    def execute(self) -> None:
        """Write the problem, and let the connection end: nobody knows where a next request would begin."""
        problem = KINDS.get(self.request.error.code, problems.Internal)()
        language = language_asked_for(self.request.headers.get("ACCEPT_LANGUAGE", ""))
        body = orjson.dumps(problem.as_json(language=language, instance=f"urn:uuid:{new_id()}"))
        self.status = f"{problem.status} {self.request.error.reason}"
        self.response_headers.extend([("Content-Type", "application/problem+json"), ("Vary", "Accept-Language"),
                                      *problem.headers.items()])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    """A connection. One that is refused while the caller still sends stays open a moment and listens:

    closed at once, the kernel would take the answer back before the caller has read it.
    """

    error_task_class, parser_class = Refusal, Arriving
    _is_refused = False
    _lingers_until = 0.0

    def service(self) -> None:
        """Answer one request."""
        self._is_refused = bool(self.requests[0].error)
        super().service()

    def send_continue(self) -> None:
        """Ask for the body, unless it is refused already."""
        if not self.request.error:
            super().send_continue()

    def handle_close(self) -> None:
        """Close; after a refusal only our half of it, at first."""
        if not (self._is_refused and self.connected) or self._lingers_until:
            super().handle_close()
            return
        self._lingers_until = time.monotonic() + LINGER_SECONDS
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def readable(self) -> bool:
        """Whether the loop should tell us of bytes."""
        return True if self._lingers_until else super().readable()

    def writable(self) -> bool:
        """Whether the loop should let us write, or close."""
        return time.monotonic() > self._lingers_until if self._lingers_until else super().writable()

    def handle_read(self) -> None:
        """Take bytes in; after a refusal, for the bin."""
        if self._lingers_until:
            self.recv(DISCARD_BYTES)
        else:
            super().handle_read()
