"""The official calendar arrives after deadlines were set: which cases would move is shown, then moved on order."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from incident_service import cases, catalogue
from incident_service.accounts import Role
from incident_service.cases import calendar_moves
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Case, CaseEvent
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import CITY, Phone, an_account

NEW_YEAR = {"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}], "make_up": [], "source": "通知"}
EVE = datetime.fromisoformat("2026-12-31T16:00+08:00")          # a Thursday
ORDERED = {"note": "2027 年放假安排公布"}


class City:
    """On the eve of a year that is not published yet: one limit in working days, and one that runs through."""

    def __init__(self, town, phone_of, run_jobs) -> None:
        self.town, self.phone_of, self.run_jobs = town, phone_of, run_jobs
        self.administrator = an_account(Role.ADMIN, CITY)
        self.urgent = self.resident.report(category="fire_lane").json["case_number"]
        self.slow = self.resident.report(category="fire_equipment").json["case_number"]
        run_jobs()

    def __getattr__(self, who: str) -> Phone:
        """Somebody's phone, freshly signed in: tokens end when the clock is moved."""
        return self.phone_of(self.administrator if who == "admin" else getattr(self.town, who))

    def publish(self) -> str:
        assert self.admin.post("/calendar/2027", NEW_YEAR, method="PUT").status_code == 200
        return self.admin.get("/calendar").json["version"]

    def preview(self):
        return self.admin.get("/calendar/deadlines").json

    def order(self, version: str):
        answer = self.admin.post("/calendar/deadlines", ORDERED | {"calendar_version": version})
        self.run_jobs()
        return answer


@pytest.fixture
def city(town, phone_of, run_jobs) -> Iterator[City]:
    with clock.stopped(EVE):
        yield City(town, phone_of, run_jobs)


def test_it_shows_which_cases_would_move_and_by_how_much_and_changes_nothing(city):
    assert city.preview()["items"] == []
    before = city.desk.get(f"/cases/{city.slow}").json
    version = city.publish()
    shown = city.preview()
    assert (shown["calendar_version"], shown["next_cursor"]) == (version, None)
    moved, = shown["items"]
    assert (moved["number"], moved["due_at"]) == (city.slow, before["due_at"])
    assert datetime.fromisoformat(moved["would_be_due_at"]) == datetime.fromisoformat("2027-01-04T16:00+08:00")
    assert moved["moves_by_s"] == 3 * 24 * 3600
    assert city.desk.get(f"/cases/{city.slow}").json["due_at"] == before["due_at"]


def test_ordered_each_moves_with_a_line_of_history_and_whoever_has_it_is_told(app, city):
    version = city.publish()
    before = city.desk.get(f"/cases/{city.urgent}").json
    would_be = city.preview()["items"][0]["would_be_due_at"]
    assert city.order(version).status_code == 202
    case = city.desk.get(f"/cases/{city.slow}").json
    assert case["due_at"] == would_be
    assert (case["deadline"]["is_provisional"], case["deadline"]["is_by_present_calendar"]) == (False, True)
    assert case["deadline"]["text"][-1].startswith("日历调整后：自 2026-12-31 16:00 起计 1 工作日")
    line = city.desk.get(f"/cases/{city.slow}/events").json["items"][-1]
    assert (line["move"], line["note"], line["by"]) == ("reckon", ORDERED["note"], "某人")
    assert city.manager.get("/me/notifications").json["items"][0]["kind"] == "due_moved"
    assert city.desk.get(f"/cases/{city.urgent}").json["version"] == before["version"]
    assert city.preview()["items"] == []
    assert city.order(version).status_code == 202                   # again: nothing is left to move
    assert db.session.scalars(select(CaseEvent.move)).all().count("reckon") == 1
    assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_what_was_extended_and_what_stands_still_keep_their_time(city):
    for wish, also in (("extension", {}), ("suspension", {"until": "2027-01-02T10:00:00+08:00"})):
        asked = city.manager.post(f"/cases/{city.slow}/{wish}", {"reason": "weather"} | also).json
        city.desk.post(f"/cases/{city.slow}/petitions/{asked['petitions'][-1]['id']}/approval")
    assert city.order(city.publish()).status_code == 202
    case = city.desk.get(f"/cases/{city.slow}").json
    assert case["status"] == "suspended"
    assert datetime.fromisoformat(case["due_at"]) == datetime.fromisoformat("2027-01-05T18:00+08:00")
    with clock.stopped(datetime.fromisoformat("2027-01-01T10:00+08:00")):
        resumed = city.desk.post(f"/cases/{city.slow}/resumption").json
    assert resumed["due_at"] == case["due_at"]                      # two working days, from Monday


def test_only_by_the_calendar_that_was_looked_at(city):
    old = catalogue.calendar().version
    version = city.publish()
    answer = city.order(old)
    assert (answer.status_code, answer.json["current_version"]) == (412, version)
    admin = db.session.scalars(select(CaseEvent.by_id).limit(1)).one()
    cases.move_some_due(by_id=admin, calendar_version=old, note="", beyond=None)
    assert db.session.scalars(select(CaseEvent.move)).all().count("reckon") == 0


def test_many_are_walked_in_batches(city, monkeypatch):
    monkeypatch.setattr(calendar_moves, "AT_ONCE", 2)
    an_account(Role.GRID_MANAGER, "360111002")                      # the next street to the east
    for east in range(1, 5):
        city.resident.report(category="fire_equipment", longitude=115.93 + east / 500)
    city.run_jobs()
    version, seen, cursor = city.publish(), [], ""
    while True:
        page = city.admin.get(f"/calendar/deadlines?limit=2&cursor={cursor}").json
        seen += [each["number"] for each in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    expected = set(db.session.scalars(select(Case.number).where(Case.category == "fire_equipment",
                                                                Case.due_at.is_not(None))))
    assert (set(seen), len(seen)) == (expected, len(expected))
    city.order(version)
    assert db.session.scalars(select(CaseEvent.move)).all().count("reckon") == len(expected) >= 4
    assert city.admin.get("/calendar/deadlines?cursor=hello").status_code == 422


def test_the_calendar_is_the_city_s(city, town, phone_of):
    street = phone_of(an_account(Role.ADMIN, town.street))
    assert street.get("/calendar/deadlines").status_code == 403
    assert street.post("/calendar/deadlines", ORDERED | {"calendar_version": "a"}).status_code == 403
