"""Figures of a real installation: counted in many processes, told by one."""

from contextlib import closing, suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from incident_service.demo.caller import Caller
from incident_service.demo.people import LATITUDE, LONGITUDE, PASSWORD
from tests.factories import a_picture
from tests.operations.installation import Installation, running, until
from tests.web.test_metrics import samples


@pytest.fixture
def installation(tmp_path: Path):
    with running(tmp_path / "data", WEB_WORKERS="2") as installation:
        yield installation


def test_what_many_processes_count_one_answer_tells(installation: Installation):
    host, _, port = installation.address.removeprefix("http://").partition(":")
    phone = Caller(host, int(port))
    with closing(phone.connection):
        phone.sign_in("13900000001", PASSWORD)
        phone.send("/api/v1/reports", {"longitude": LONGITUDE, "latitude": LATITUDE, "coordinate_system": "wgs84"},
                   [a_picture()])

    def figures() -> dict[tuple[str, ...], float]:
        with urlopen(f"{installation.address}/metrics") as answer:
            return samples(answer.read().decode())

    def is_ready() -> bool:
        with suppress(HTTPError), urlopen(f"{installation.address}/readyz"):
            return True
        return False

    until(lambda: figures().get(("incident_report_to_push_seconds_count",)) == 1)
    until(lambda: figures().get(("incident_jobs_total", "workers.media.cut_sizes", "done")) == 1)
    assert figures()["incident_request_seconds_count", "POST", "/api/v1/reports", "201"] == 1
    assert figures()["incident_processes", "scheduler"] == 1
    assert until(is_ready)
