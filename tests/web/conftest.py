"""Applications as these tests need them: one that shows the demo town, and one from which things can be taken away."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incident_service.app import create_app
from incident_service.foundation.database import db
from incident_service.foundation.queues import queues
from incident_service.web.checks import WORKERS

STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


@contextmanager
def another(**settings: object) -> Iterator[Flask]:
    """One more application, which lets go of its database at the end."""
    app = create_app("testing", **settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def demo_client(app: Flask) -> Iterator[FlaskClient]:
    """Somebody calling an application that shows the demo town, on the same database."""
    same = {name: app.config[name] for name in ("SQLALCHEMY_DATABASE_URI", "DATA_DIR", "KEYS_DIR", "PHOTO_STORE")}
    with another(SHOW_DEMO=True, **same) as demo:
        yield demo.test_client()


@pytest.fixture
def standing(tmp_path: Path, redis_url: str) -> Iterator[Callable[..., FlaskClient]]:
    """Make an application on which everything is there, but for what `settings` take away."""
    everything = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'incidents.sqlite3'}", "REDIS_URL": redis_url,
                  "DATA_DIR": tmp_path, "PHOTO_STORE": f"file://{tmp_path / 'photos'}"}
    with ExitStack() as opened:
        def build(**settings: object) -> FlaskClient:
            app = opened.enter_context(another(**everything | settings))
            with app.app_context():
                _bring_tables_and_workers(settings)
            return app.test_client()

        yield build


def _bring_tables_and_workers(settings: dict[str, object]) -> None:
    if "SQLALCHEMY_DATABASE_URI" not in settings:
        db.create_all()
    if "REDIS_URL" not in settings:
        queues().redis.flushdb()
        for kind in WORKERS:
            queues().stay_alive(kind, f"{kind}-1")
