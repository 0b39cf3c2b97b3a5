"""Installations on either database, and one whose town has lived."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from incident_service.foundation import database
from incident_service.foundation.database import db
from tests.operations.backup.installations import an_installation, live, migrated_postgresql, migrated_sqlite
from tests.servers.postgres import create_database

_numbers = count(1)
Build = Callable[..., Flask]


@pytest.fixture
def build(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Build]:
    """Build an installation on one kind of database, migrated unless told otherwise."""
    built: list[Flask] = []

    def build(kind: str, *, migrated: bool = True, **settings: Any) -> Flask:
        folder = tmp_path / f"installation-{next(_numbers)}"
        file = folder / "incidents.sqlite3"
        url = f"sqlite:///{file}"
        if kind == "postgresql":
            server = request.getfixturevalue("postgres_url")
            template = migrated_postgresql(server, database.MIGRATIONS) if migrated else "template1"
            url = create_database(server, folder.name.replace("-", "_"), template=template)
        built.append(an_installation(folder, url, **settings))
        if migrated and kind == "sqlite":
            file.write_bytes(migrated_sqlite(database.MIGRATIONS))
        return built[-1]

    yield build
    for app in built:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(params=("sqlite", "postgresql"))
def lived(request: pytest.FixtureRequest, build: Build) -> Flask:
    """An installation whose town has lived."""
    app = build(request.param)
    live(app)
    return app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups.tar"
