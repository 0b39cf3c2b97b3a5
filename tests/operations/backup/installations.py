"""Whole installations for backup tests: a database that was really migrated, a photo store and keys of their own."""

from functools import cache
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import select
from werkzeug.utils import import_string

from incident_service import photos
from incident_service.accounts.models import SignIn
from incident_service.app import create_app
from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.photos import Photo, Size
from tests.factories import Phone, Town, a_picture
from tests.servers.postgres import create_database

Contents = dict[str, Any]


def an_installation(folder: Path, url: str, **settings: Any) -> Flask:
    """An application with its own folder; its database is as it is."""
    folder.mkdir()
    app = create_app("testing", **{
        "SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder, "KEYS_DIR": folder / "keys", "SECRET_KEY": "",
        "RUN_DIR": folder / "run",
        "PHOTO_STORE": f"file://{folder / 'photos'}", "SQLITE_SYNCHRONOUS": "OFF", **settings})
    app.extensions["queues"]._rests_until = float("inf")
    return app


def migrate(app: Flask) -> None:
    """Give the installation its tables."""
    with app.app_context():
        flask_migrate.upgrade()


@cache
def migrated_sqlite(_migrations: Path) -> bytes:
    """The file of a database that was migrated and is otherwise empty, of the release with these migrations."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "data" / "incidents.sqlite3"
        _migrated(file.parent, f"sqlite:///{file}")
        return file.read_bytes()


@cache
def migrated_postgresql(server: str, _migrations: Path) -> str:
    """The name of such a database on a PostgreSQL server."""
    name = f"migrated_{token_hex(4)}"
    with TemporaryDirectory() as folder:
        _migrated(Path(folder) / "data", create_database(server, name))
    return name


def _migrated(folder: Path, url: str) -> None:
    app = an_installation(folder, url)
    migrate(app)
    with app.app_context():
        db.engine.dispose()


def live(app: Flask) -> Town:
    """Let the town's story happen: one case closed with thanks, one pushed, one whose jobs are still owed."""
    with app.app_context():
        town = Town()
        phone = {each.id: Phone(app.test_client(), each) for each in (town.resident, town.officer, town.manager)}
        number = phone[town.resident.id].report(description="小汽车停在消防通道上 🚒").json["case_number"]
        phone[town.resident.id].report(key="a-key-of-ours", address="")
        do_jobs(app)
        phone[town.officer.id].post(f"/cases/{number}/acceptance")
        phone[town.officer.id].send(f"/cases/{number}/rectification", {"note": "车辆已驶离"}, [a_picture()])
        assert phone[town.manager.id].post(f"/cases/{number}/closure").status_code == 200
        do_jobs(app)
        assert phone[town.resident.id].report().status_code == 201
        return town


def do_jobs(app: Flask) -> int:
    """Do in line what is owed; how many jobs that were."""
    due = select(Promise.id, Promise.job).where(Promise.failed_at.is_(None),
                                                Promise.due_at <= clock.now() + outbox.HANDED_FOR)
    done = 0
    with app.app_context():
        while owed := db.session.execute(due).all():
            db.session.rollback()
            for id, job in owed:
                outbox.keep(id, import_string(job).__wrapped__)
            done += len(owed)
    return done


def rows(app: Flask) -> Contents:
    """{table: its rows}; without what a restore changes."""
    with app.app_context(), db.engine.connect() as connection:
        return {table.name: [_plain(row, table.name) for row in connection.execute(
            select(table).order_by(*_lasting(table)))] for table in db.metadata.sorted_tables}


def _lasting(table: Any) -> list[Any]:
    return [table.c.created_at, table.c.job] if table.name == Promise.__tablename__ else list(table.primary_key)


def _plain(row: Any, table: str) -> tuple[Any, ...]:
    """What must come back. Promises get new ids, and every sign-in ends."""
    if table == Promise.__tablename__:
        return tuple(row)[1:]
    return tuple(row)[:-1] if table == SignIn.__tablename__ else tuple(row)


def pictures(app: Flask) -> Contents:
    """Every original by its digest, and every copy by photo and size."""
    with app.app_context():
        store = photos.store()
        found: Contents = {}
        for kept in store.walk():
            with store.original(kept.sha256) as path:
                found[kept.sha256] = path.read_bytes()
        for id in db.session.scalars(select(Photo.id)):
            found |= {f"{id}/{size}": store.read_copy(id, size) for size in (Size.THUMB, Size.SCREEN)}
        return {name: content for name, content in found.items() if content is not None}


def keys(app: Flask) -> dict[str, bytes]:
    """The keys on the disk."""
    return {path.name: path.read_bytes() for path in sorted(app.config["KEYS_DIR"].iterdir())}


def everything(app: Flask) -> tuple[Contents, Contents, Contents]:
    """Whatever a backup must bring back."""
    return rows(app), pictures(app), keys(app)

