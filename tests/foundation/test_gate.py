"""Whoever is in the house is answered before the gate closes, and nobody comes in while it is closed."""

from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask

from incident_service.foundation import gate, http


@pytest.fixture
def house(tmp_path: Path) -> Flask:
    """A service with a slow room and one that is always open."""
    app = Flask(__name__)
    app.config.update(RUN_DIR=tmp_path, DATA_DIR=tmp_path)
    app.extensions.update(entered=Event(), may_go=Event())
    http.answer_problems(app)
    gate.keep_gate(app, always_open_to={"open"})

    @app.get("/slow")
    def slow() -> str:
        app.extensions["entered"].set()
        app.extensions["may_go"].wait()
        return "answered"

    app.add_url_rule("/quick", view_func=lambda: "answered", endpoint="quick")
    app.add_url_rule("/open", view_func=lambda: "answered", endpoint="open")
    return app


def test_nobody_comes_in_while_it_is_closed(house: Flask):
    client = house.test_client()
    assert client.get("/quick").status_code == 200
    with gate.closed_gate(house.config["RUN_DIR"], seconds_max=1):
        refused = client.get("/quick")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert refused.json["type"] == "/problems/being-restored"
        assert client.get("/open").status_code == 200
    assert client.get("/quick").status_code == 200


def test_it_closes_when_the_last_who_is_inside_was_answered(house: Flask):
    answers: list[str] = []
    inside = Thread(target=lambda: answers.append(house.test_client().get("/slow").text))
    inside.start()
    house.extensions["entered"].wait()
    with pytest.raises(TimeoutError), gate.closed_gate(house.config["RUN_DIR"], seconds_max=0):
        pytest.fail("It closed over somebody's head.")
    Thread(target=house.extensions["may_go"].set).start()
    with gate.closed_gate(house.config["RUN_DIR"], seconds_max=10):
        inside.join(10)
        assert answers == ["answered"]


def test_only_one_closes_it(house: Flask):
    folder = house.config["RUN_DIR"]
    with gate.closed_gate(folder, seconds_max=1), pytest.raises(TimeoutError), gate.closed_gate(folder, seconds_max=0):
        pytest.fail("It was closed twice.")


def test_where_no_installation_ever_ran_there_is_no_gate(house: Flask, tmp_path: Path):
    house.config["RUN_DIR"] = tmp_path / "nowhere"
    assert house.test_client().get("/quick").status_code == 200
