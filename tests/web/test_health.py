"""What a monitor asks, and who is told what."""

import pytest
from flask.testing import FlaskClient

from incident_service.foundation.queues import queues
from incident_service.operations.forwarded import Forwarded
from tests.web.conftest import STRANGER

EVERYTHING = {"database", "redis", "photo_store", "press", "routing", "push", "media", "exports", "scheduler"}
AWAY = {
    "database": {"SQLALCHEMY_DATABASE_URI": "sqlite:////proc/no-such-folder/incidents.sqlite3"},
    "redis": {"REDIS_URL": "unix:///proc/no-such-socket"},
    "photo_store": {"PHOTO_STORE": "file:///proc/no-such-folder"},
    "press": {"PHOTO_PRESS": "/proc/no-such-socket"},
}


def test_a_process_is_alive_whatever_else_is_away(standing):
    client = standing(**AWAY["database"], **AWAY["redis"])
    assert client.get("/healthz").json == {"status": "alive"}


def test_ready_when_everything_is_there(standing):
    answer = standing().get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["checks"] == dict.fromkeys(EVERYTHING, True)


@pytest.mark.parametrize("part", AWAY)
def test_not_ready_while_something_is_away(standing, part):
    answer = standing(**AWAY[part]).get("/readyz")
    behind_redis = {"routing", "push", "media", "exports", "scheduler"} if part == "redis" else set()
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/not-ready")
    assert {name for name, is_there in answer.json["checks"].items() if not is_there} == {part} | behind_redis
    assert int(answer.headers["Retry-After"]) > 0


def test_not_ready_when_a_kind_of_worker_is_silent(standing):
    client = standing()
    with client.application.app_context():
        queues().redis.delete("incident:alive:push:push-1")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["push"], answer.json["checks"]["routing"]) == (503, False, True)


def test_a_redis_that_hangs_is_waited_for_once(standing, monkeypatch):
    client, asked = standing(**AWAY["redis"]), []
    with client.application.app_context():
        monkeypatch.setattr(queues(), "alive_kinds", lambda: asked.append("workers"))
    assert client.get("/readyz").status_code == 503
    assert asked == []


def test_a_stranger_is_told_whether_but_not_what(standing):
    ready, away = standing(), standing(**AWAY["press"])
    assert ready.get("/readyz", environ_overrides=STRANGER).json == {"status": "ready"}
    assert "checks" not in away.get("/readyz", environ_overrides=STRANGER).json


def test_asking_often_asks_the_parts_once_a_second(standing):
    client = standing(READY_AGE_S_MAX=60)
    assert client.get("/readyz").status_code == 200
    with client.application.app_context():
        queues().redis.flushdb()
    assert client.get("/readyz").status_code == 200


METRICS_TOKEN = "a-token-only-for-tests"
TOKEN = {"Authorization": f"Bearer {METRICS_TOKEN}"}


@pytest.mark.parametrize(("environ", "headers", "status"), [
    ({"REMOTE_ADDR": "127.0.0.1"}, {}, 200),
    ({"REMOTE_ADDR": "::1"}, {}, 200),
    (STRANGER, {}, 401),
    (STRANGER, TOKEN, 200),
    (STRANGER, {"Authorization": "Bearer wrong"}, 401),
    (STRANGER, {"Authorization": "Bearer 错"}, 401),
    ({"REMOTE_ADDR": ""}, {}, 401),
    ({"REMOTE_ADDR": "10.0.0.2"}, {}, 401),                         # our proxy, which did not say for whom
    ({"REMOTE_ADDR": "10.0.0.2"}, {"X-Forwarded-For": "203.0.113.9"}, 401),
    ({"REMOTE_ADDR": "127.0.0.1"}, {"X-Forwarded-For": "127.0.0.1"}, 401),      # a proxy nobody told us of
    ({"REMOTE_ADDR": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, 401),
])
def test_figures_are_for_callers_on_the_machine_or_with_the_token(standing, environ, headers, status):
    client = behind(standing(METRICS_TOKEN=METRICS_TOKEN, TRUSTED_PROXIES=["10.0.0.0/8"]))
    assert client.get("/metrics", environ_overrides=environ, headers=headers).status_code == status


def test_behind_a_proxy_on_the_machine_nobody_is_on_the_machine(standing):
    client = behind(standing(METRICS_TOKEN=METRICS_TOKEN, TRUSTED_PROXIES=["127.0.0.1"]))
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers=TOKEN).status_code == 200


def test_without_a_token_none_is_good(standing):
    client = standing(METRICS_TOKEN="")
    assert client.get("/metrics", environ_overrides=STRANGER, headers={"Authorization": "Bearer "}).status_code == 401


def behind(client: FlaskClient) -> FlaskClient:
    """The same application as the server runs it."""
    app = client.application
    app.wsgi_app = Forwarded(app.wsgi_app, app.config["TRUSTED_PROXIES"])
    return client
