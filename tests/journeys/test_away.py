"""What the city stands on goes away: it says so, keeps nothing half made, and goes on by itself when it is back."""

import errno
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, func, select

from incident_service.cases import Case
from incident_service.foundation.database import db
from incident_service.photos.stores import Bucket
from tests.factories import Phone
from tests.journeys.city import MEDIA, City, a_city, held
from tests.journeys.crowd import everything_is_kept, send_until
from tests.journeys.handsets import DESK, NEIGHBOUR, RESIDENT
from tests.journeys.test_bad_input import nothing_is_left
from tests.operations.installation import until
from tests.servers.postgres import a_cluster, create_database


def test_while_the_database_is_away_everybody_is_asked_to_come_back(tmp_path: Path):
    with a_cluster(tmp_path, fsync=False) as cluster, ExitStack() as room:
        before = room.enter_context(ExitStack())
        url = create_database(before.enter_context(cluster.running()), "city")
        city, is_back = room.enter_context(a_city(tmp_path / "data", url)), Event()
        resident, desk = city.phone(RESIDENT), city.phone(DESK)
        sender = room.enter_context(ThreadPoolExecutor(1)).submit(
            send_until, lambda sent: is_back.is_set() and len(sent) > 5, city.phone(NEIGHBOUR))
        until(lambda: city.witness.count(Case) > 2)
        before.close()
        for _ in range(2):
            assert desk.get("/cases").is_excuse
            assert resident.report(key="while-it-is-away").is_excuse
            assert city.phone().post("/tokens", {"phone": RESIDENT, "password": "x"}).is_excuse
        assert city.installation.status("/healthz") == 200
        room.enter_context(cluster.running())
        is_back.set()
        assert resident.insist("report", key="while-it-is-away").status == 201
        everything_is_kept(city, sender.result())
        assert uploads(city) == []


def uploads(city: City) -> list[Path]:
    return list((city.installation.data_dir / "photos" / "incoming").iterdir())


@contextmanager
def gone(folder: Path) -> Iterator[None]:
    """A file stands in the folder's place inside the block."""
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("no folder")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


def test_while_the_photo_store_is_away_everybody_is_asked_to_come_back(city: City):
    resident, photos = city.phone(RESIDENT), city.installation.data_dir / "photos"
    reports = city.witness.count(Case)
    with held(city.installation, MEDIA):
        answer = resident.report()
        thumb = answer.json["photos"][0]["urls"]["thumb"]
    with gone(photos):
        assert resident.report(key="no-store").is_excuse
        assert city.phone().call("GET", thumb).is_excuse
        until(lambda: any(row.attempts for row in city.witness.owed()))
    assert resident.report(key="no-store").status == 201
    everything_is_kept(city, [])
    assert city.witness.count(Case) == reports + 2
    assert uploads(city) == []


def test_a_disk_that_is_full_when_a_photo_is_sealed(app, town, phone_of, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = phone_of(town.resident).report()
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/photo-store-away")
    assert int(answer.headers["Retry-After"]) > 0
    assert nothing_is_left(app)


def test_a_bucket_that_nobody_serves(app, town, phone_of, monkeypatch):
    nobody = Bucket("photos", "", {"endpoint": "http://127.0.0.1:9", "region": "x", "access_key_id": "x",
                                   "secret_access_key": "x"}, Path(app.config["DATA_DIR"]) / "photos" / "incoming")
    monkeypatch.setitem(app.extensions, "photo_store", nobody)
    answer = phone_of(town.resident).report()
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/photo-store-away")
    assert nothing_is_left(app)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_disk_that_is_full_when_a_report_is_written(app, town, phone_of):
    resident = phone_of(town.resident)
    with no_page_to_spare():
        refused, taken = long_report(resident), 0
        while refused.status_code == 201 and taken < 200:
            refused, taken = long_report(resident), taken + 1
    assert (refused.status_code, refused.json["type"]) == (503, "/problems/unavailable")
    assert db.session.scalar(select(func.count(Case.id))) == taken
    assert long_report(resident).status_code == 201


@contextmanager
def no_page_to_spare() -> Iterator[None]:
    """Let the file not grow beyond what it has, once it has given back the pages that earlier rows left empty. Each
    connection keeps the bound for itself, and a request may get any of the pool's; afterwards there are new ones."""
    def bound(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1").close()

    db.session.remove()
    with closing(db.engine.raw_connection()) as connection:
        connection.cursor().execute("VACUUM")
    event.listen(db.engine, "checkout", bound)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", bound)
        db.session.remove()
        db.engine.dispose()


def long_report(phone: Phone) -> Any:
    return phone.report(description="长" * 4000)
