"""Redis carries promises and keeps none: while it is away reports are taken, and nothing it forgets is forgotten."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

from redis import Redis
from sqlalchemy import delete, insert, select

from incident_service import accounts
from incident_service.accounts import Account
from incident_service.exports import Export
from incident_service.exports.models import ExportPart
from incident_service.foundation.database import db, new_id
from incident_service.notifications import Kind
from incident_service.notifications.models import Notification
from tests.journeys.city import EXPORTS, REDIS, ROUTING, City, a_city, held, hit, sqlite_url
from tests.journeys.handsets import NEIGHBOUR, RESIDENT, Handset
from tests.operations.installation import until
from tests.servers.redis import start_redis

SOON_S = 15.0
MUCH = 30_000


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


def test_a_file_in_the_making_is_made_whatever_is_killed_meanwhile(city: City):
    """Its worker, then Redis: each time there is one file, whole, with its progress right, and one link to it."""
    with a_long_past(city, NEIGHBOUR) as much:
        phone = city.phone(NEIGHBOUR)
        for victim in (EXPORTS, REDIS):
            made, worker = in_the_midst(city, phone)
            hit(city.installation, victim)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)
            ready = until(lambda: (seen := phone.get(made).json)["state"] == "ready" and seen)      # noqa: B023
            assert (ready["done"], ready["problem"]) == (ready["total"], "")
            with ZipFile(BytesIO(phone.get(f"{made}/file").body)) as file:
                assert file.testzip() is None
                assert file.read("tables/notification.json").count(b"a long past") == much
            until(lambda: not city.witness.owed())
            told = (Notification.kind == Kind.EXPORT_READY, Notification.reference == ready["id"])
            assert city.witness.count(Notification, *told) == 1
            kept = city.witness.ask(select(Export.attempt, ExportPart.attempt).join(
                Export, Export.id == ExportPart.export_id).where(Export.id == UUID(ready["id"])).distinct())
            assert [first == second for first, second in kept] == [True]
            assert phone.call("DELETE", f"/api/v1{made}").status == 204


def in_the_midst(city: City, phone: Handset) -> tuple[str, int]:
    """A file that is being made by a worker that stands still: its path, and the worker."""
    while True:
        made = f"/exports/{phone.post('/me/export').json['id']}"
        until(lambda: phone.get(made).json["state"] != "waiting")               # noqa: B023
        worker = hit(city.installation, EXPORTS, signal.SIGSTOP)
        if phone.get(made).json["state"] == "working":
            return made, worker
        os.kill(worker, signal.SIGCONT)
        assert phone.call("DELETE", f"/api/v1{made}").status == 204


@contextmanager
def a_long_past(city: City, number: str) -> Iterator[int]:
    """Somebody has been told so much that gathering it takes a while; how much that is."""
    [(account_id,)] = city.witness.ask(select(Account.id).where(Account.phone == accounts.normalise(number)))
    told = {"account_id": account_id, "kind": Kind.CLOSED, "case_number": "", "title_zh": "旧闻",
            "title_en": "a long past"}
    with city.witness.app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(Notification), [told | {"id": new_id(), "reference": f"past-{n}"}
                                                  for n in range(MUCH)])
    yield MUCH
    with city.witness.app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(Notification).where(Notification.reference.startswith("past-")))


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
