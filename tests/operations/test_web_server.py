"""A web process answers everything as problem+json, lets nobody block it, and finishes what it has begun."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from random import Random
from typing import Any, NamedTuple

import pytest
from waitress.adjustments import Adjustments

from incident_service.operations.arriving import BODY_BYTES_MAX as IN_MEMORY_MAX
from tests.operations.toy_web import BODY_BYTES_MAX
from tests.servers.children import child_of_ours

INBUF = Adjustments.inbuf_overflow              # what is smaller lies in memory anyway
A_FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@contextmanager
def a_toy(*, wait_s: float = 60) -> Iterator["Toy"]:
    """A toy with two threads, where an upload waits so long for its turn."""
    command = [sys.executable, "-m", "tests.operations.toy_web", str(wait_s)]
    with child_of_ours(command, stdout=subprocess.PIPE) as process:
        yield Toy(process, int(process.stdout.readline()))
        process.stdout.close()


@pytest.fixture(scope="module")
def server() -> Iterator["Toy"]:
    """One for all who leave it as it was."""
    with a_toy() as toy:
        yield toy


@pytest.fixture
def own_server() -> Iterator["Toy"]:
    """One of a test's own."""
    with a_toy() as toy:
        yield toy


class Answer(NamedTuple):
    status: int
    body: bytes


class Toy:
    """The toy server, and ways to call it."""

    def __init__(self, process: Any, port: int) -> None:
        self.process, self.port = process, port

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        with closing(self.connection()) as connection:
            connection.request(method, path, **options)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read())

    def say(self, words: bytes) -> bytes:
        """Everything the server answers to these bytes until it ends the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(words)
            return b"".join(iter(lambda: line.recv(65536), b""))


def problem_in(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head.lower()
    return json.loads(body)


def test_a_body_of_exactly_the_limit_is_taken(server: Toy):
    answer = server.ask("POST", "/echo", body=b"x" * BODY_BYTES_MAX)
    assert (answer.status, len(answer.body)) == (200, BODY_BYTES_MAX)


@pytest.mark.parametrize("size", [100, INBUF, INBUF + 1, 2_000_000, IN_MEMORY_MAX, IN_MEMORY_MAX + 1])
def test_a_body_arrives_whole_wherever_it_lies(server: Toy, size: int):
    body = Random(size).randbytes(size)
    with closing(server.connection()) as line:
        for way in ({"body": body}, {"body": iter([body[:7], body[7:]]), "encode_chunked": True,
                                     "headers": {"Transfer-Encoding": "chunked"}}):
            line.request("POST", "/digest", **way)
            assert line.getresponse().read().decode() == sha256(body).hexdigest()
        line.request("POST", "/echo", body=body)
        assert line.getresponse().read() == body


def test_requests_sent_without_waiting_are_answered_in_their_order(server: Toy):
    bodies = [Random(size).randbytes(size) for size in (INBUF, 10, 2 * INBUF, INBUF - 1)]
    asked = [b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(each) + each for each in bodies]
    answers = server.say(b"".join(asked) + b"GET /caller HTTP/1.0\r\n\r\n")
    told = [answers.index(sha256(each).hexdigest().encode()) for each in bodies]
    assert told == sorted(told)
    assert answers.endswith(b'"scheme":"http"}\n')


def test_callers_who_go_away_amid_a_body_leave_the_server_to_others(server: Toy):
    for n in range(100):                            # many more than there is room for
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(b"POST /digest HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n" + b"x" * 1000 * n)
    assert server.ask("POST", "/digest", body=b"x" * INBUF).body.decode() == sha256(b"x" * INBUF).hexdigest()


def test_a_body_over_the_limit_is_answered_413_although_the_caller_sends_all_of_it(server: Toy):
    answer = server.ask("POST", "/echo", body=b"x" * 50_000_000, headers={"Accept-Language": "en"})
    assert (answer.status, json.loads(answer.body)["title"]) == (413, "Too large")


def test_a_chunked_body_over_the_limit_is_answered_413(server: Toy):
    answer = server.ask("POST", "/echo", body=iter([b"x" * 5_000_000] * 2), encode_chunked=True,
                        headers={"Transfer-Encoding": "chunked"})
    assert answer.status == 413


def test_a_caller_who_asks_first_is_refused_before_sending(server: Toy):
    answer = server.say(b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(("words", "status", "slug"), [
    (b"nonsense\r\n\r\n", 400, "bad-request"),
    (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, "bad-request"),
    (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "bad-request"),
    (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "transfer-coding-unknown"),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", 431, "headers-too-large"),
])
def test_what_cannot_be_read_is_refused_as_a_problem(server: Toy, words: bytes, status: int, slug: str):
    problem = problem_in(server.say(words))
    assert (problem["status"], problem["type"]) == (status, f"/problems/{slug}")
    assert problem["instance"].startswith("urn:uuid:")


def test_callers_who_send_one_byte_and_wait_block_nobody(server: Toy):
    with ExitStack() as lines:
        for _ in range(100):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.sendall(b"POST /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\nx")
        assert server.ask("GET", "/caller").status == 200


def test_uploads_that_take_long_leave_threads_to_others_and_all_get_their_turn(own_server: Toy):
    with ExitStack() as lines:
        uploads = [lines.enter_context(closing(own_server.connection())) for _ in range(5)]
        for each in uploads:
            each.request("POST", "/upload", body=b"x", headers=A_FORM)
        assert own_server.ask("GET", "/begun").body == b"True"
        assert own_server.ask("GET", "/caller").status == 200
        assert own_server.ask("GET", "/now").status == 200
        assert [each.getresponse().read() for each in uploads] == [b"at last"] * 5


def test_an_upload_that_gets_no_turn_in_time_is_told_to_come_back():
    with a_toy(wait_s=0) as server, closing(server.connection()) as first, closing(server.connection()) as second:
        first.request("POST", "/upload", body=b"x", headers=A_FORM)
        assert server.ask("GET", "/begun").body == b"True"
        second.request("POST", "/upload", body=b"x", headers=A_FORM)
        refused = second.getresponse()
        assert (refused.status, refused.getheader("Retry-After")) == (503, "2")
        assert refused.getheader("Content-Type") == "application/problem+json"
        assert json.loads(refused.read())["type"] == "/problems/unavailable"
        assert server.ask("GET", "/now").status == 200
        assert first.getresponse().read() == b"at last"


def test_a_request_that_has_begun_is_answered_before_the_process_ends(own_server: Toy):
    with closing(own_server.connection()) as slow, closing(own_server.connection()) as other:
        slow.request("GET", "/slow")
        other.request("GET", "/caller")
        other.getresponse().read()
        own_server.process.send_signal(signal.SIGTERM)
        other.request("GET", "/now")
        assert other.getresponse().read() == b"now"
        assert slow.getresponse().read() == b"at last"
    assert own_server.process.wait(20) == 0
    with pytest.raises(ConnectionRefusedError):
        own_server.ask("GET", "/caller")


def test_a_trusted_proxy_says_who_is_calling(server: Toy):
    said = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 127.0.0.2", "X-Forwarded-Proto": "https"}
    answer = server.ask("GET", "/caller", headers=said)
    assert json.loads(answer.body) == {"address": "203.0.113.9", "scheme": "https"}
