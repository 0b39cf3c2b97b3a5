"""Requests on their way in. What one brings stays in memory as long as there is room; else it goes to a file of the
system's, which for a photo means to write and read two megabytes once more."""

import threading
from weakref import finalize

from waitress.parser import HTTPRequestParser

MEGABYTE = 1024 * 1024
ROOM_BYTES = 32 * MEGABYTE                      # of one process, for all that arrives at the same time
BODY_BYTES_MAX = 8 * MEGABYTE                   # of one that may lie there


class Room:
    """So many bytes that several may take some of, from any thread."""

    def __init__(self, size: int) -> None:
        self.left = size
        self._lock = threading.RLock()              # the collector may give room back amid a taking

    def take(self, size: int) -> bool:
        """Take so many, if there are as many left."""
        with self._lock:
            if size > self.left:
                return False
            self.left -= size
            return True

    def give_back(self, size: int) -> None:
        """Leave them to others."""
        with self._lock:
            self.left += size


class Arriving(HTTPRequestParser):
    """A request of which not everything is there yet. The room it takes is free again once it is forgotten, whatever
    became of it."""

    room = Room(ROOM_BYTES)

    def parse_header(self, header_plus: bytes) -> None:
        """Read what the request says of itself, and find a place for what it brings."""
        super().parse_header(header_plus)
        size = self.content_length
        if self.adj.inbuf_overflow <= size <= BODY_BYTES_MAX and self.room.take(size):
            finalize(self, self.room.give_back, size)
            self.body_rcv.getbuf().overflow = size + 1
