"""Each duty is done when its time has come, by one scheduler at a time, and one that fails hinders no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis.exceptions import ConnectionError
from sqlalchemy import Engine, create_engine

from incident_service.operations.leadership import InDatabase, InFile
from incident_service.operations.scheduler_process import Duty, tick
from tests.operations.installation import until
from tests.servers.postgres import connection

app = Flask("toy")


class Leader:
    """Leadership that a test gives or takes."""

    def __init__(self, is_ours: bool = True) -> None:
        self.ours = is_ours

    def is_ours(self) -> bool:
        return self.ours


def here(duty: Duty) -> None:
    duty.do(app)


def test_a_duty_is_done_when_due_and_not_before():
    done: list[str] = []
    duties = [Duty("often", 0.0, lambda: done.append("often")), Duty("seldom", 3600.0, lambda: done.append("seldom"))]
    tick(duties, Leader(), here)
    tick(duties, Leader(), here)
    assert done == ["often", "seldom", "often"]


def test_who_may_not_act_does_nothing():
    done: list[str] = []
    tick([Duty("often", 0.0, lambda: done.append("often"))], Leader(is_ours=False), here)
    assert done == []


def test_a_duty_that_fails_rests_and_hinders_no_other():
    done: list[str] = []
    broken = Duty("broken", 1.0, lambda: 1 / 0)
    for _ in range(2):
        tick([broken, Duty("sound", 0.0, lambda: done.append("sound"))], Leader(), here)
    assert (broken.faults, done) == (1, ["sound", "sound"])


def test_a_duty_that_waits_for_redis_comes_again_at_its_usual_time():
    def away() -> None:
        raise ConnectionError("away")

    duty = Duty("sweep", 0.0, away)
    for _ in range(3):
        tick([duty], Leader(), here)
    assert (duty.is_waiting, duty.faults) == (True, 0)
    duty.call = str
    tick([duty], Leader(), here)
    assert not duty.is_waiting


def test_a_duty_that_takes_long_is_not_begun_twice_and_hinders_no_other():
    begun: list[str] = []
    duties = [Duty("long", 0.0, lambda: None), Duty("quick", 0.0, lambda: None)]
    for _ in range(2):
        tick(duties, Leader(), lambda duty: begun.append(duty.name))        # neither comes to its end
    assert begun == ["long", "quick"]
    duties[1].do(app)
    tick(duties, Leader(), lambda duty: begun.append(duty.name))
    assert begun == ["long", "quick", "quick"]


def test_one_of_two_schedulers_on_one_file_may_act(tmp_path: Path):
    one, other = InFile(tmp_path / "lock"), InFile(tmp_path / "lock")
    assert [one.is_ours(), other.is_ours(), one.is_ours()] == [True, False, True]
    one.close()
    assert other.is_ours()
    other.close()


@pytest.fixture
def engines(postgres_url: str) -> Iterator[tuple[Engine, Engine]]:
    pair = create_engine(postgres_url), create_engine(postgres_url)
    yield pair
    for engine in pair:
        engine.dispose()


def test_one_of_two_schedulers_on_one_postgresql_may_act(engines: tuple[Engine, Engine], postgres_url: str):
    one, other = (InDatabase(engine) for engine in engines)
    assert [one.is_ours(), other.is_ours(), one.is_ours()] == [True, False, True]
    with connection(postgres_url) as administrator:
        administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    until(other.is_ours)                        # the server ends a backend when it gets round to it
    assert not one.is_ours()
    assert not one.is_ours()
    other.close()
    until(one.is_ours)
    one.close()


def test_an_absent_database_is_nobodys():
    assert not InDatabase(create_engine("postgresql+psycopg://incident@/x?host=/nonexistent")).is_ours()
