"""The servers that other tests stand on are real, and leave nothing behind."""

from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.servers.postgres import connection, create_database, start_postgres
from tests.servers.redis import start_redis


def test_a_real_postgresql_starts_and_leaves_nothing(tmp_path: Path):
    with start_postgres(tmp_path, fsync=False) as url:
        home = Path(str(make_url(url).query["host"]))
        engine = create_engine(create_database(url, "incidents"))
        with engine.connect() as database:
            name, is_real = database.execute(text("SELECT current_database(), version() LIKE 'PostgreSQL %'")).one()
        engine.dispose()
        with connection(url) as administrator:
            fsync = administrator.execute("SHOW fsync").fetchone()
    assert (name, is_real, fsync) == ("incidents", True, ("off",))
    assert not home.exists()


def test_a_real_redis_keeps_its_data_in_its_folder(tmp_path: Path):
    with start_redis(tmp_path) as url:
        Redis.from_url(url).set("promise", "kept")
    with pytest.raises(ConnectionError):
        Redis.from_url(url).ping()
    with start_redis(tmp_path) as again:
        assert (again, Redis.from_url(again).get("promise")) == (url, b"kept")
