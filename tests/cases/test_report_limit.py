"""Nobody floods the city with reports, and nobody is held up by it."""

import pytest

from config.base import Base
from tests.factories import a_picture


@pytest.fixture
def two_an_hour(app, monkeypatch):
    """Two reports an hour for each account, counted from zero."""
    monkeypatch.setitem(app.config, "REPORT_LIMIT_PER_ACCOUNT", "2 per hour")
    app.extensions.pop("counters", None)
    yield
    app.extensions.pop("counters", None)


def test_too_many_reports_of_one_account_are_refused_before_their_pictures_are_looked_at(two_an_hour, town, phone_of):
    resident, neighbour = phone_of(town.resident), phone_of(town.neighbour)
    assert [resident.report().status_code for _ in range(2)] == [201, 201]
    refused = resident.report(b"no picture at all")
    assert (refused.status_code, refused.json["type"]) == (429, "/problems/tried-too-often")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert len(resident.get("/reports").json["items"]) == 2
    assert neighbour.report().status_code == 201


def test_a_report_sent_again_costs_nothing_and_a_refused_one_may_come_later(two_an_hour, app, town, phone_of):
    resident, picture = phone_of(town.resident), a_picture()
    ids = {resident.report(picture, key="same").json["id"] for _ in range(4)}
    assert len(ids) == 1
    assert resident.report().status_code == 201
    assert resident.report(picture, key="later").status_code == 429
    app.extensions.pop("counters")                              # an hour later
    assert resident.report(picture, key="later").status_code == 201


def test_without_the_setting_nobody_is_held_up(app, town, phone_of):
    assert app.config["REPORT_LIMIT_PER_ACCOUNT"] == Base.REPORT_LIMIT_PER_ACCOUNT == ""
    resident = phone_of(town.resident)
    assert {resident.report().status_code for _ in range(4)} == {201}
