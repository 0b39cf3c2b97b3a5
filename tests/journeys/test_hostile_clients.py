"""Phones on bad lines and people who mean harm: they get what they deserve, and everybody else is served."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

import pytest

from incident_service.cases import Case
from incident_service.demo.caller import form
from incident_service.demo.people import PASSWORD
from tests.factories import a_picture
from tests.journeys.city import City, a_city, sqlite_url
from tests.journeys.handsets import PLACE, RESIDENT
from tests.operations.installation import until

SLOW_LINES = 200
PROMPT_S = 3.0


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    data_dir = tmp_path_factory.mktemp("hostile") / "data"
    with a_city(data_dir, sqlite_url(data_dir)) as city:
        yield city


def request(city: City, *lines: str, body: bytes = b"", path: str = "/api/v1/reports", version: str = "1.1") -> bytes:
    """A report of a resident, byte for byte as `lines` want its head."""
    token = city.phone(RESIDENT).headers["Authorization"]
    head = [f"POST {path} HTTP/{version}", "Host: city", f"Authorization: {token}", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def a_form() -> tuple[bytes, str]:
    body, content_type = form(PLACE, [a_picture(size=(1600, 1200))])
    return body, f"Content-Type: {content_type}"


@contextmanager
def line_to(city: City) -> Iterator[socket.socket]:
    """A connection on which anything can be said."""
    host, _, port = city.phone().host.partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        yield line


def say(city: City, words: bytes) -> bytes:
    """Everything the server answers to `words` until it ends the connection."""
    with line_to(city) as line:
        line.sendall(words)
        return b"".join(iter(lambda: line.recv(65536), b""))


def nothing_is_left(city: City, cases: int) -> bool:
    incoming = city.installation.data_dir / "photos" / "incoming"
    return city.witness.count(Case) == cases and not (incoming.exists() and list(incoming.iterdir()))


def test_who_sends_a_byte_a_second_keeps_nobody_waiting(city: City):
    body, content_type = a_form()
    words = request(city, content_type, f"Content-Length: {len(body)}", body=body)
    with ExitStack() as room, dripping([room.enter_context(line_to(city)) for _ in range(SLOW_LINES)], words):
        resident = city.phone(RESIDENT)
        for _ in range(5):
            began = time.monotonic()
            assert resident.report().status == 201
            assert resident.get("/me").status == 200
            assert time.monotonic() - began < PROMPT_S


@contextmanager
def dripping(lines: list[socket.socket], words: bytes) -> Iterator[None]:
    """Inside the block each line sends its head, some of its body, and then a byte a second."""
    ended, half = Event(), len(words) // 2
    for line in lines:
        line.sendall(words[:half])

    def drip() -> None:
        for place in range(half, len(words)):
            for line in lines:
                line.sendall(words[place:place + 1])
            if ended.wait(1):
                return

    dripper = Thread(target=drip)
    dripper.start()
    try:
        yield
    finally:
        ended.set()
        dripper.join()


def test_a_body_cut_off_in_the_middle_leaves_nothing(city: City):
    before, (body, content_type) = city.witness.count(Case), a_form()
    words = request(city, content_type, f"Content-Length: {len(body)}", body=body)
    for kept in (len(words) - 1, len(words) // 2, words.index(b"\r\n\r\n") + 4):
        with line_to(city) as line:
            line.sendall(words[:kept])
    assert city.phone(RESIDENT).report().status == 201
    until(lambda: nothing_is_left(city, before + 1))


def test_a_form_cut_off_although_its_length_is_right_is_refused(city: City):
    before, (body, content_type) = city.witness.count(Case), a_form()
    for half in (body[:len(body) // 2], body[:-8], body[:60]):
        answer = say(city, request(city, content_type, f"Content-Length: {len(half)}", "Connection: close", body=half))
        assert answer.split()[1] == b"400", answer
    until(lambda: nothing_is_left(city, before))


def test_a_report_in_chunks_is_taken(city: City):
    before, (body, content_type) = city.witness.count(Case), a_form()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[n:n + 5000]), body[n:n + 5000]) for n in range(0, len(body), 5000))
    answer = say(city, request(city, content_type, "Transfer-Encoding: chunked", "Connection: close",
                               body=chunks + b"0\r\n\r\n"))
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert city.witness.count(Case) == before + 1


def test_json_in_chunks_is_read(city: City):
    sent = b'{"phone": "%s", "password": "%s"}' % (RESIDENT.encode(), PASSWORD.encode())
    answer = say(city, request(city, "Content-Type: application/json", "Transfer-Encoding: chunked",
                               "Connection: close", path="/api/v1/tokens",
                               body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(sent), sent)))
    assert answer.startswith(b"HTTP/1.1 201 ")


def test_a_phone_of_another_age_is_served(city: City):
    body, content_type = a_form()
    answer = say(city, request(city, content_type, f"Content-Length: {len(body)}", body=body, version="1.0"))
    assert answer.startswith(b"HTTP/1.0 201 ")


@pytest.mark.parametrize(("lines", "status"), [
    (["Content-Length: 99999999999"], 413),
    (["Content-Length: 10, 20"], 400),
    (["Content-Length: 10", "Content-Length: 20"], 400),
    (["Content-Length: ten"], 400),
    (["Transfer-Encoding: identity"], 501),
    ([f"X-Long: {'x' * 40_000}"], 431),
    (["Content-Type: multipart/form-data", "Content-Length: 5"], 400),
    ([f"Content-Type: multipart/form-data; boundary={'x' * 300}", "Content-Length: 5"], 400),
    (["Content-Type: image/jpeg", "Content-Length: 5"], 415),
    (["Idempotency-Key: \x07", "Content-Length: 5"], 400),
])
def test_a_head_that_cannot_be(city: City, lines: list[str], status: int):
    before = city.witness.count(Case)
    answer = say(city, request(city, *lines, "Connection: close", body=b"12345"))
    assert answer.split()[1] == str(status).encode(), answer
    assert b"application/problem+json" in answer
    assert nothing_is_left(city, before)


def test_a_line_that_says_nothing_http_is_told_so(city: City):
    for words in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET\r\n\r\n"):
        assert say(city, words).split()[1] == b"400", words
