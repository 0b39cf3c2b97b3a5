"""An installation starts, heals, stops without a trace, and says in one line why it cannot start."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.base import run_folder
from tests.operations.installation import PATIENCE_S, Installation, environment, refused, until

ONE_OF_EACH = {"incident-web", "incident-routing", "incident-push", "incident-media", "incident-exports",
               "incident-scheduler", "incident-press", "incident-copies", "valkey-server"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("installation") / "data")
    yield installation
    assert installation.end() == 0


def test_it_starts_one_of_each_and_answers(running: Installation):
    assert running.kinds() == dict.fromkeys({name[:15] for name in ONE_OF_EACH}, 1)
    assert running.status("/healthz") == 200


def the_demo(data_dir: Path, port: str) -> "subprocess.CompletedProcess[str]":
    """What `make demo` does."""
    return subprocess.run([sys.executable, "-m", "incident_service.demo"], env=environment(data_dir, PORT=port),
                          capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def test_the_demo_plays_the_whole_story_against_it(running: Installation):
    played = the_demo(running.data_dir, running.address.rpartition(":")[2])
    assert (played.returncode, played.stderr) == (0, "")
    for told in ("居民：0 → 10", "网格管理员：0 → 5", "（不奖励）：0 → 0", "案卷 1，已结 1，限内 1"):
        assert told in played.stdout


def test_the_demo_says_when_nothing_runs(tmp_path: Path):
    lost = the_demo(tmp_path, "1")
    assert (lost.returncode, lost.stderr) == (1, "Nothing answers at 127.0.0.1:1. Start the service first: make run\n")


def test_in_development_it_says_as_whom_one_can_sign_in(running: Installation):
    assert "13900000001" in running.greeting


@pytest.mark.parametrize("name", sorted(name[:15] for name in ONE_OF_EACH))
def test_whoever_is_killed_comes_back(running: Installation, name: str):
    before = running.of_kind(name)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(running.of_kind(name) - before) == 1)
    assert until(lambda: running.status("/healthz") == 200)


def test_a_second_one_on_the_same_data_is_refused(running: Installation):
    line = refused(running.log.with_name("data"))
    assert "already running" in line
    assert str(running.process.pid) in line
    assert str(running.log.with_name("data")) in line


def test_a_taken_port_is_refused(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refused(tmp_path / "data", PORT=port).startswith(f"Port {port} on 127.0.0.1 cannot be used: ")


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "data").write_text("not a folder")
    assert refused(tmp_path / "data") == f"The data folder {tmp_path / 'data'} cannot be used: File exists."


def test_a_database_that_is_none_is_refused(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "incidents.sqlite3").write_bytes(b"no database" * 1000)
    assert refused(tmp_path / "data") == "The database cannot be used: file is not a database."


@pytest.mark.parametrize(("settings", "line"), [
    ({"HOST": "no.such.host.invalid"}, "HOST is 'no.such.host.invalid', which is no address"),
    ({"PORT": "70000"}, "PORT is 70000; no port is above 65535."),
    ({"PORT": "web"}, "PORT is 'web'; it must be a whole number."),
    ({"SECOND_LOOK_PERCENT": "500"}, "SECOND_LOOK_PERCENT is 500; it must be at most 100."),
    ({"WEEKLY_REPORT_HOUR": "24"}, "WEEKLY_REPORT_HOUR is 24; it must be at most 23."),
    ({"CLOSING_NEEDS_ACKNOWLEDGEMENT": "true"}, "CLOSING_NEEDS_ACKNOWLEDGEMENT is 'true'; it must be yes or no."),
    ({"CLOSING_NEEDS_ANOTHER_PERSON": "false"}, "CLOSING_NEEDS_ANOTHER_PERSON is 'false'; it must be yes or no."),
    ({"POINTS_ARE_LIMITED": "maybe"}, "POINTS_ARE_LIMITED is 'maybe'; it must be yes or no."),
    ({"TIME_ZONE": "Mars/Phobos"}, "TIME_ZONE is 'Mars/Phobos'; it must be a time zone such as Asia/Shanghai."),
    ({"CITY_CODE": "abc"}, "CITY_CODE is 'abc'; it must be a city's code of 4 digits."),
    ({"TRUSTED_PROXIES": "10.0.0.1, proxy"}, "TRUSTED_PROXIES names 'proxy', which is no address and no network."),
    ({"DATABASE_URL": "here"}, "DATABASE_URL cannot be understood: "),
    ({"DATABASE_URL": "oracle://x"}, "DATABASE_URL cannot be understood: "),
    ({"REDIS_URL": "http://here"}, "REDIS_URL cannot be understood: "),
    ({"PHOTO_STORE": "ftp://x/y"}, "PHOTO_STORE is 'ftp://x/y'; it must be file:///folder or s3://bucket/prefix."),
    ({"INCIDENT_ENV": "holiday"}, "INCIDENT_ENV is 'holiday'"),
    ({"INCIDENT_ENV": "production"}, "SECRET_KEY must be set"),
    ({"HOST": "0.0.0.0"}, "HOST is 0.0.0.0: the demo town"),
    ({"DATABASE_URL": "postgresql+psycopg://x@/x?host=/nonexistent"}, "The database cannot be used: connection"),
])
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, settings: dict[str, str], line: str):
    assert refused(tmp_path / "data", **settings).startswith(line)


def test_it_stops_without_a_trace_and_starts_again_on_the_same_data(tmp_path: Path):
    data = tmp_path / "data"
    assert Installation(data).end(signal.SIGTERM) == 0
    assert Installation(data).end(signal.SIGKILL) == -signal.SIGKILL
    assert Installation(data).end(signal.SIGINT) == 0


def test_a_path_too_long_for_a_socket_is_no_hindrance(tmp_path: Path):
    data = tmp_path / ("long" * 30) / "data"
    data.mkdir(parents=True)
    installation = Installation(data)
    assert installation.kinds()["valkey-server"] == 1
    assert installation.end() == 0
    shutil.rmtree(run_folder(data))


def test_a_damaged_redis_file_is_set_aside(tmp_path: Path):
    data = tmp_path / "data"
    Installation(data).end()
    for part in (data / "redis" / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"*1\r\n$4\r\nPING\r\nrubbish\r\n" * 10)
    assert Installation(data).end() == 0
    assert list((data / "redis").glob("damaged-*"))
