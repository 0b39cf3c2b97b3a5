"""A backup is of one moment, whole or not there, and for its owner's eyes alone."""

import json
import stat
import tarfile
import tracemalloc
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import insert

from incident_service import photos
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.notifications.models import Notification
from incident_service.operations import backup
from incident_service.operations.backup import Refused
from incident_service.operations.backup.reading import opened
from incident_service.operations.backup.writing import Writer
from incident_service.photos import StoreAway
from tests.factories import an_account
from tests.operations.backup.installations import everything, keys, live, pictures, rows

MEGABYTE = 1024 * 1024


@pytest.fixture
def city(build) -> Flask:
    """A small installation whose town has lived."""
    app = build("sqlite")
    live(app)
    return app


def test_only_its_owner_may_read_it_and_any_tar_can(city: Flask, file: Path):
    with city.app_context():
        backup.create(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
        assert {entry.mode for entry in tar} == {0o600}
    assert names[-2:] == ["manifest.json", "manifest.json.sha256"]
    assert manifest["tables"]["case_file"]["rows"] == len(rows(city)["case_file"])
    assert manifest["files"]["photos/originals"]["files"] == 4
    assert [f"keys/{name}" for name in keys(city)] == [name for name in names if name.startswith("keys/")]


def test_it_changes_nothing(lived: Flask, file: Path):
    before = everything(lived)
    with lived.app_context():
        backup.create(file)
    assert everything(lived) == before


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_its_rows_are_of_one_moment(build, file: Path, monkeypatch, database: str):
    """Somebody comes in between the table of people and the table of their roles: neither is in the backup."""
    app = build(database)
    with app.app_context():
        an_account(Role.DESK)
    put, came = Writer.add, []

    def put_and_let_somebody_in(writer: Writer, name: str, content: bytes) -> None:
        put(writer, name, content)
        if name.startswith("tables/account/"):
            newcomer = Thread(target=_come, args=(app, came))
            newcomer.start()
            newcomer.join()

    monkeypatch.setattr(Writer, "add", put_and_let_somebody_in)
    with app.app_context():
        backup.create(file)
    assert came
    assert len(rows(app)["account"]) == len(rows(app)["role_held"]) == 2
    with opened(file) as archive:
        assert [archive.manifest.tables[name].rows for name in ("account", "role_held")] == [1, 1]


def _come(app: Flask, came: list) -> None:
    with app.app_context():
        came.append(an_account(Role.DESK).id)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_however_many_rows_there_are_few_are_held_in_memory(build, file: Path, database: str):
    app = build(database)
    with app.app_context():
        person = an_account().id
        now = clock.now()
        said = {"account_id": person, "kind": "closed", "case_number": "20261120-AAAAAAAA", "title_en": "x" * 300,
                "title_zh": "案" * 200, "at": now}
        many = [said | {"id": new_id(), "reference": str(n)} for n in range(12_000)]
        with db.engine.begin() as connection:
            connection.execute(insert(Notification), many)
        del many
        tracemalloc.start()
        backup.create(file)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert file.stat().st_size > 10 * MEGABYTE
    assert peak_bytes < 6 * MEGABYTE


def test_an_original_that_is_gone_or_changed_is_named_and_the_rest_is_kept(city: Flask, build, file: Path):
    gone, changed, *others = sorted(name for name in pictures(city) if "/" not in name)
    with city.app_context(), photos.store().original(changed) as path:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1])
        photos.store().delete_original(gone)
        made = backup.create(file)
    assert [(each.sha256, str(each.reason)) for each in made.lost] == sorted([(gone, "missing"), (changed, "changed")])
    other = build("sqlite")
    with other.app_context():
        assert sorted(backup.restore(file).originals_lost) == sorted([gone, changed])
    assert sorted(name for name in pictures(other) if "/" not in name) == others


def test_a_backup_that_fails_leaves_the_last_one(city: Flask, file: Path, monkeypatch):
    file.write_bytes(b"the last one")

    def away(*_: object) -> None:
        raise StoreAway

    with city.app_context():
        monkeypatch.setattr(photos.store(), "original", away)
        with pytest.raises(StoreAway):
            backup.create(file)
    assert file.read_bytes() == b"the last one"
    assert [path for path in file.parent.iterdir() if path.suffix == ".part"] == []


def test_a_database_that_was_never_migrated_is_refused(build, file: Path):
    app = build("sqlite", migrated=False)
    with app.app_context(), pytest.raises(Refused, match="start the service once"):
        backup.create(file)
    assert not file.exists()
