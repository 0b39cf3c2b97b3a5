"""What every test stands on: a real SQLite file and a real PostgreSQL, each emptied after the test."""

import math
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, nullcontext
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import delete, select
from werkzeug.utils import import_string

from incident_service.accounts import Account
from incident_service.app import create_app
from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from incident_service.foundation.loading import loaded_for_good
from incident_service.photos import open_gallery
from tests import cores
from tests.factories import Phone, Town
from tests.scheduling import BySharing

DATABASES = ("sqlite", "postgresql")
# The same examples each time: a run tells whether the code has changed, not whether luck has, or how busy a machine is.
# `--hypothesis-profile=default` looks for others.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the random actors of `tests/cases/test_random_actors.py` play."""
    parser.addoption("--random-steps", type=int, default=200, help="steps of random actors on each database")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run in several processes, those that share something run in one."""
    return BySharing(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The garbage collector would go through all test modules again and again, then and at each of its later rounds."""
    with loaded_for_good():
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Most tests have one core for themselves and their database."""
    cores.take_for(item)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own, for this session."""
    from tests.servers.postgres import start_postgres

    with ExitStack() as stack:
        with cores.shared_with_servers():
            url = stack.enter_context(start_postgres(tmp_path_factory.mktemp("postgres"), fsync=False))
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own, for this session."""
    from tests.servers.redis import start_redis

    with start_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session", params=DATABASES)
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application with an empty, migrated database; Redis is away unless a test brings it."""
    folder = tmp_path_factory.mktemp(f"data-{request.param}")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'incidents.sqlite3'}"
    else:
        from tests.servers.postgres import create_database

        url = create_database(request.getfixturevalue("postgres_url"), f"incidents_{folder.name.replace('-', '_')}")
    app = create_app("testing", SQLALCHEMY_DATABASE_URI=url, DATA_DIR=folder, KEYS_DIR=folder / "keys",
                     PHOTO_STORE=f"file://{folder / 'photos'}", SQLITE_SYNCHRONOUS="OFF")
    app.test_client_class = Caller
    with app.app_context():
        db.create_all()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(installation: Flask) -> Iterator[Flask]:
    """The application, its context entered; every table is empty again afterwards."""
    queues = installation.extensions["queues"]
    queues._rests_until = math.inf
    open_gallery(installation)
    with installation.app_context():
        yield installation
        db.session.rollback()
        _empty_all_tables()
    installation.extensions["queues"] = queues


def _empty_all_tables() -> None:
    """By one way to the server: it happens after every test, and is most of what many of them take."""
    with db.engine.begin() as connection:
        raw: Any = connection.connection
        with nullcontext() if connection.dialect.name == "sqlite" else raw.driver_connection.pipeline():
            for statement in _emptying():
                raw.driver_connection.execute(statement)


@cache
def _emptying() -> list[str]:
    return [str(delete(table)) for table in reversed(db.metadata.sorted_tables)]


class Caller(FlaskClient):
    """A client after whose calls the test sees what the database now says."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()
        response = super().open(*args, **kwargs)
        response.request.environ["wsgi.input"].close()      # a large form lies in a temporary file
        db.session.expire_all()
        return response


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody calling over HTTP."""
    return app.test_client()


@pytest.fixture
def town(app: Flask) -> Town:
    """The demo town's areas, and one of each kind of person around the demo point."""
    return Town()


@pytest.fixture
def phone_of(client: FlaskClient) -> Callable[[Account], Phone]:
    """Put a signed-in phone into somebody's hands."""
    return lambda account: Phone(client, account)


@pytest.fixture
def weighing(app: Flask) -> Iterator[None]:
    """A city in which whoever closes must name every warning about the result."""
    app.config["CLOSING_NEEDS_ACKNOWLEDGEMENT"] = True
    yield
    app.config["CLOSING_NEEDS_ACKNOWLEDGEMENT"] = False


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Do in line what was promised and is due, until nothing is; how many jobs that were."""
    def run() -> int:
        done = 0
        while ids := _due():
            for promise_id, job in ids:
                with app.app_context():
                    outbox.keep(promise_id, import_string(job).__wrapped__)
                done += 1
            db.session.expire_all()
        return done

    return run


def _due() -> list[Any]:
    due = outbox.Promise.failed_at.is_(None) & (outbox.Promise.due_at <= clock.now() + outbox.HANDED_FOR)
    ids = db.session.execute(
        select(outbox.Promise.id, outbox.Promise.job).where(due, outbox.Promise.attempts == 0)).all()
    db.session.rollback()
    return list(ids)
