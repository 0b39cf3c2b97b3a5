"""While nobody looks at pictures, everything else of a real installation goes on."""

import http.client
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from incident_service.demo.caller import Caller, form
from incident_service.demo.people import LATITUDE, LONGITUDE, PASSWORD
from tests.factories import a_picture
from tests.operations.installation import PATIENCE_S, Installation, running

PRESS = "incident-press"
THREADS, TURNS, SENT = 4, 2, 6
WORDS = {"longitude": LONGITUDE, "latitude": LATITUDE, "coordinate_system": "wgs84"}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """One with a single web process, in which an upload that finds no turn is sent back."""
    with running(tmp_path / "data", WEB_THREADS=str(THREADS), UPLOAD_WAIT_SECONDS_MAX="0",
                 PRESS_WAIT_SECONDS_MAX="600") as installation:
        yield installation


@contextmanager
def held(pids: set[int]) -> Iterator[None]:
    """Stops processes, and lets them go on."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_press_that_hangs_keeps_nobody_from_anything_but_sending_pictures(installation: Installation):
    host, _, port = installation.address.removeprefix("http://").partition(":")
    phone = Caller(host, int(port))

    def report(_: int) -> tuple[int, Any]:
        body, content_type = form(WORDS, [a_picture()])
        with closing(http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)) as line:
            line.request("POST", "/api/v1/reports", body, {
                "Content-Type": content_type, "Authorization": f"Bearer {phone.token}"})
            answer = line.getresponse()
            answer.read()
            return answer.status, answer.getheader("Retry-After")

    with closing(phone.connection), ThreadPoolExecutor(SENT) as phones:
        phone.sign_in("13900000001", PASSWORD)
        presses = installation.of_kind(PRESS)
        assert presses
        with held(presses):
            sent = [phones.submit(report, number) for number in range(SENT)]
            answers = as_completed(sent)
            assert [next(answers).result() for _ in range(SENT - TURNS)] == [(503, "2")] * (SENT - TURNS)
            assert [installation.status(path) for path in ("/", "/healthz")] == [200, 200]
            phone.sign_in("13900000001", PASSWORD)
            assert phone.get("/api/v1/me/notifications")["items"] == []
            assert sum(each.done() for each in sent) == SENT - TURNS
        assert [each.result() for each in answers] == [(201, None)] * TURNS
        assert len(phone.get("/api/v1/reports")["items"]) == TURNS
