"""Cities for journeys, on each database: one that all share, or one of a test's own."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import DATABASES
from tests.journeys.city import City, a_city, sqlite_url
from tests.servers.postgres import create_database


class Ground(NamedTuple):
    """Where a city may be built: a folder, and a database."""

    data_dir: Path
    database_url: str


@pytest.fixture(scope="package", params=DATABASES)
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A running installation that all journeys share."""
    with a_city(*_ground(request, tmp_path_factory.mktemp("city"))) as city:
        yield city


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    """Where a test may build a city of its own."""
    return _ground(request, tmp_path)


def _ground(request: pytest.FixtureRequest, folder: Path) -> Ground:
    data_dir = folder / "data"
    if request.param == "sqlite":
        return Ground(data_dir, sqlite_url(data_dir))
    server = request.getfixturevalue("postgres_url")
    return Ground(data_dir, create_database(server, f"city_{secrets.token_hex(4)}"))
