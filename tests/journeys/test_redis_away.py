"""Redis carries promises and keeps none: while it is away reports are taken, and nothing it forgets is forgotten."""

import shutil
import time
from contextlib import ExitStack
from pathlib import Path

from redis import Redis

from tests.journeys.city import REDIS, ROUTING, City, a_city, held, hit, sqlite_url
from tests.journeys.handsets import RESIDENT
from tests.operations.installation import until
from tests.servers.redis import start_redis

SOON_S = 15.0


def reported(city: City) -> str:
    """The number of a case whose report was accepted just now."""
    answer = city.phone(RESIDENT).report()
    assert answer.status == 201
    return answer.json["case_number"]


def is_dispatched_soon(city: City, number: str) -> None:
    began = time.monotonic()
    until(lambda: not city.witness.owed())
    assert city.witness.status(number) == "dispatched"
    assert time.monotonic() - began < SOON_S
    assert city.witness.faults([]) == []


def test_reports_are_taken_while_redis_hangs_and_dispatched_when_it_is_back_with_nothing(city: City):
    with held(city.installation, REDIS):
        numbers = [reported(city) for _ in range(3)]
        shutil.rmtree(city.installation.data_dir / "redis" / "appendonlydir")
        assert {city.witness.status(each) for each in numbers} == {"dispatching"}
        hit(city.installation, REDIS)
    for number in numbers:
        is_dispatched_soon(city, number)


def test_a_queue_that_is_emptied_is_filled_again(city: City):
    with held(city.installation, ROUTING):
        number = reported(city)
        redis = Redis(unix_socket_path=str(city.installation.data_dir / "run" / "redis.sock"))
        redis.flushall()
        redis.close()
    is_dispatched_soon(city, number)


def test_a_redis_server_of_the_city_s_own_may_go_and_come_back_empty(tmp_path: Path):
    data_dir, folder = tmp_path / "data", tmp_path / "redis"
    folder.mkdir()
    with ExitStack() as room:
        first = room.enter_context(ExitStack())
        url = first.enter_context(start_redis(folder))
        city = room.enter_context(a_city(data_dir, sqlite_url(data_dir), REDIS_URL=url))
        assert not city.installation.of_kind(REDIS)
        first.close()
        number = reported(city)
        shutil.rmtree(folder / "appendonlydir")
        room.enter_context(start_redis(folder))
        is_dispatched_soon(city, number)
