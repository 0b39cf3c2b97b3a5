"""Cities for journeys, on each database: one that a whole module shares, or one of a test's own."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import DATABASES
from tests.journeys.city import City, a_city, sqlite_url
from tests.servers.postgres import create_database

HERE = Path(__file__).parent


class Ground(NamedTuple):
    """Where a city may be built: a folder, and a database."""

    data_dir: Path
    database_url: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who shares a city runs where it was built: it takes long to build."""
    for item in items:
        if isinstance(item, pytest.Function) and "city" in item.fixturenames and HERE in item.path.parents:
            database = item.callspec.params.get("city", "") if hasattr(item, "callspec") else ""
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {database}"))


@pytest.fixture(scope="module", params=DATABASES)
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A running installation that the module's tests share."""
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
