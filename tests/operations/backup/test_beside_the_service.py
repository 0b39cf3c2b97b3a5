"""The commands as an administrator gives them, on the data of a service that runs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from incident_service.demo.caller import Caller, CallFailed
from incident_service.demo.people import LATITUDE, LONGITUDE, PASSWORD
from tests.factories import a_picture
from tests.operations.installation import Installation, environment, running, until
from tests.servers.postgres import create_database

FLASK = [sys.executable, "-m", "flask", "--app", "wsgi", "backup"]
RESIDENT, OFFICER = "13900000001", "13900000003"


def flask(data_dir: Path, *arguments: object, **settings: str) -> "subprocess.CompletedProcess[str]":
    """What a backup command says."""
    return subprocess.run([*FLASK, *map(str, arguments), "--language", "en"], env=environment(data_dir, **settings),
                          capture_output=True, text=True, check=False, timeout=120)


@contextmanager
def phone_of(number: str, service: Installation) -> Iterator[Caller]:
    """Somebody's phone, signed in."""
    at = urlsplit(service.address)
    caller = Caller(at.hostname or "", at.port or 0)
    with closing(caller.connection):
        caller.sign_in(number, PASSWORD)
        yield caller


def report(service: Installation) -> str:
    """A resident reports a blocked fire lane; the number of the case, once it was pushed to the officer."""
    words = {"longitude": LONGITUDE, "latitude": LATITUDE, "coordinate_system": "wgs84", "category": "fire_lane"}
    with phone_of(RESIDENT, service) as resident, phone_of(OFFICER, service) as officer:
        number = resident.send("/api/v1/reports", words, [a_picture()])["case_number"]
        until(lambda: number in str(officer.get("/api/v1/me/notifications?limit=5")))
        return number


def case(number: str, service: Installation) -> dict:
    """The case as the officer sees it, its pictures by their ids. Raises CallFailed."""
    with phone_of(OFFICER, service) as officer:
        found = officer.get(f"/api/v1/cases/{number}")
    return found | {"photos": [photo["id"] for stage in found["photos"].values() for photo in stage]}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_service_goes_on_from_its_backup_and_another_one_takes_it_up(tmp_path: Path, request, database: str):
    settings = {}
    if database == "postgresql":
        settings["DATABASE_URL"] = create_database(request.getfixturevalue("postgres_url"), "beside_the_service")
    file = tmp_path / "backup.tar"
    with running(tmp_path / "here", **settings) as service:
        kept = report(service)
        before = case(kept, service)
        made = flask(service.data_dir, "create", file, **settings)
        assert (made.returncode, made.stderr) == (0, "")
        forgotten = report(service)
        assert flask(service.data_dir, "restore", file, **settings).returncode == 1
        restored = flask(service.data_dir, "restore", file, "--replace", **settings)
        assert (restored.returncode, restored.stderr) == (0, "")
        assert case(kept, service) == before
        with pytest.raises(CallFailed, match="404"):
            case(forgotten, service)
        report(service)
    assert flask(tmp_path / "there", "restore", file).returncode == 0
    with running(tmp_path / "there") as service:
        assert case(kept, service) == before
        report(service)
