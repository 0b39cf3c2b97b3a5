"""Phones that send reports: many of them in one process that costs the machine under test as little as possible."""

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import NamedTuple

from benchmarks.picture import another

LONGITUDE, LATITUDE = 115.9300, 28.6900
TOWN_DEGREES = 0.006                        # from its middle to where the demo town surely goes on, both ways
BOUNDARY = "a-phone"
FIELDS = {"coordinate_system": "wgs84", "category": "fire_lane", "description": "小汽车停在消防通道上",
          "address": "3 栋旁"}
PHOTO_HEAD = 'Content-Disposition: form-data; name="photos"; filename="1.jpg"\r\nContent-Type: image/jpeg'
TIMEOUT_S = 120


class Target(NamedTuple):
    """Where reports go, and in whose name."""

    host: str
    port: int
    token: str = ""
    path: str = "/api/v1/reports"


class Answer(NamedTuple):
    """One report: when it was due to be sent, when its answer was there (both `time.time()`), and what that was."""

    due_at: float
    answered_at: float
    status: int
    body: bytes

    @property
    def ms(self) -> float:
        """How long the sender waited."""
        return (self.answered_at - self.due_at) * 1000


@dataclass
class Round:
    """What a number of phones saw, and what it cost their process."""

    answers: list[Answer]
    seconds: float
    cpu_ms: float

    def check(self) -> "Round":
        """The same, if every report was accepted. A run with failures measures nothing: raises RuntimeError."""
        bad = [each for each in self.answers if each.status != 201]
        if bad or not self.answers:
            raise RuntimeError(f"{len(bad)} of {len(self.answers)} reports were not accepted: {bad[:1]}")
        return self

    @property
    def per_second(self) -> float:
        """Reports accepted a second."""
        return len(self.answers) / self.seconds


class Phone:
    """One phone with one kept-alive connection."""

    def __init__(self, target: Target, photo: Callable[[Random], bytes] = another) -> None:
        self.chance, self.photo = Random(), photo
        self.connection = socket.create_connection((target.host, target.port), timeout=TIMEOUT_S)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.after = f"\r\n--{BOUNDARY}--\r\n".encode()
        sender = f"Authorization: Bearer {target.token}\r\n" if target.token else ""
        self.head = (f"POST {target.path} HTTP/1.1\r\nHost: {target.host}:{target.port}\r\n{sender}"
                     f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: ")

    def report(self, due_at: float | None = None) -> Answer:
        """Send one report from anywhere in the town, with a photo nobody has sent before, and wait for its answer."""
        photo, before = self.photo(self.chance), self._fields()
        length = len(before) + len(photo) + len(self.after)
        due_at = due_at or time.time()
        self.connection.sendall(f"{self.head}{length}\r\n\r\n".encode() + before)
        self.connection.sendall(photo)
        self.connection.sendall(self.after)
        status, body = self._answer()
        return Answer(due_at, time.time(), status, body)

    def _fields(self) -> bytes:
        fields = FIELDS | {"longitude": LONGITUDE + self.chance.uniform(-TOWN_DEGREES, TOWN_DEGREES),
                           "latitude": LATITUDE + self.chance.uniform(-TOWN_DEGREES, TOWN_DEGREES)}
        parts = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                        for name, value in fields.items())
        return f"{parts}--{BOUNDARY}\r\n{PHOTO_HEAD}\r\n\r\n".encode()

    def _answer(self) -> tuple[int, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self._more()
        return int(head.split()[1]), body

    def _more(self) -> bytes:
        part = self.connection.recv(65536)
        if not part:
            raise ConnectionError("The server closed the connection.")
        return part


def sign_in(host: str, port: int, phone: str = "13900000001") -> Target:
    """A resident of the demo town, signed in."""
    from incident_service.demo.caller import Caller
    from incident_service.demo.people import PASSWORD

    caller = Caller(host, port)
    caller.sign_in(phone, PASSWORD)
    return Target(host, port, caller.token)


def in_a_row(target: Target, clients: int, reports: int, photo: Callable[[Random], bytes] = another) -> Round:
    """So many `clients` send `reports` together, each the next as soon as its last was answered."""
    tickets = count()
    return _together(target, clients, lambda phone: phone.report() if next(tickets) < reports else None, photo)


def at_a_rate(target: Target, a_second: float, seconds: float, phones: int = 48) -> Round:
    """Send so many reports `a_second` whatever comes back; a report that finds no phone free waits, and that counts."""
    tickets, began = count(), time.time() + 0.2

    def next_one(phone: Phone) -> Answer | None:
        due_at = began + next(tickets) / a_second
        if due_at >= began + seconds:
            return None
        time.sleep(max(0.0, due_at - time.time()))
        return phone.report(due_at)

    return _together(target, phones, next_one)


def _together(target: Target, clients: int, do: Callable[[Phone], Answer | None],
              photo: Callable[[Random], bytes] = another) -> Round:
    """Have each of `clients` phones `do` one thing after the other until it gives None."""
    photo(Random())                         # the first one takes a while: drawn before the clock runs
    phones = [Phone(target, photo) for _ in range(clients)]
    began, cpu = time.time(), time.process_time()
    with ThreadPoolExecutor(clients) as threads:
        each_ones = list(threads.map(lambda phone: list(iter(lambda: do(phone), None)), phones))
    for phone in phones:
        phone.connection.close()
    answers = [answer for ones in each_ones for answer in ones]
    ended = max((each.answered_at for each in answers), default=began)
    return Round(answers, ended - began, (time.process_time() - cpu) * 1000)
