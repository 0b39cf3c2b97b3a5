"""Rosters over HTTP: the desk of a street enters, changes and ends shifts; each change is kept."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from incident_service import routing
from incident_service.accounts import Role
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.routing import RosterEntry
from tests.factories import CITY, an_account
from tests.routing.rosters import MONDAY_NOON

NIGHT = {"role": "grid_manager", "shift": "夜班", "from": "22:00", "to": "06:00", "weekdays": [1, 2, 3, 4, 5]}


@pytest.fixture
def desk(town, phone_of):
    """The street's desk, on a Monday at noon."""
    with clock.stopped(MONDAY_NOON):
        yield phone_of(town.desk)


def night_of(person, grid: str, **also) -> dict:
    return NIGHT | {"person_id": str(person.id), "area": grid} | also


def on_duty(town, at: str) -> list:
    moment = datetime.fromisoformat(at)
    return [(each.account_id, str(each.step)) for each in routing.fallbacks(
        role=Role.GRID_MANAGER, kind=None, area_code=town.grid, case_area=town.grid, at=moment)
        if each.role is Role.GRID_MANAGER]


def test_a_shift_entered_counts_at_once_also_across_midnight_and_for_a_deputy(desk, town):
    deputy = an_account(Role.GRID_MANAGER, town.grid)
    added = desk.post("/routing/roster", night_of(town.manager, town.grid))
    assert (added.status_code, added.json["weekdays"], added.json["from_on"]) == (201, [1, 2, 3, 4, 5], "2026-11-23")
    assert added.headers["ETag"] == 'W/"1"'
    desk.post("/routing/roster", night_of(deputy, town.grid, step="deputy", **{"from": "00:00", "to": "24:00"}))
    assert on_duty(town, "2026-11-24T03:00:00+08:00") == [(town.manager.id, "holder"), (deputy.id, "deputy")]
    assert on_duty(town, "2026-11-24T12:00:00+08:00") == [(deputy.id, "deputy")]
    listed = desk.get(f"/routing/roster?area={town.grid}").json["items"]
    assert [(each["step"], each["to"]) for each in listed] == [("deputy", "00:00"), ("holder", "06:00")]
    assert desk.get(f"/routing/roster?person_id={deputy.id}").json["items"] == listed[:1]


@pytest.mark.parametrize(("wrong", "pointer"), [
    ({"from": "8:00"}, "#/from"), ({"to": "25:00"}, "#/to"),
    ({"weekdays": [0]}, "#/weekdays"), ({"weekdays": []}, "#/weekdays"),
    ({"from_on": "1999-01-01"}, "#/from_on"), ({"to_on": "2026-11-01"}, "#/to_on"), ({"step": "street"}, "#/step"),
    ({"role": "officer"}, "#/person_id"), ({"shift": "夜" * 41}, "#/shift")])
def test_it_is_checked_as_a_file_is(desk, town, wrong, pointer):
    answer = desk.post("/routing/roster", night_of(town.manager, town.grid, **wrong))
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"].startswith(pointer)
    assert db.session.scalars(select(RosterEntry)).all() == []


def test_the_same_twice_is_there_already_and_a_repeated_request_adds_once(desk, town):
    key = {"Idempotency-Key": "once"}
    first, again = (desk.post("/routing/roster", night_of(town.manager, town.grid), **key) for _ in range(2))
    assert first.json == again.json
    twice = desk.post("/routing/roster", night_of(town.manager, town.grid))
    assert (twice.status_code, twice.json["type"]) == (409, "/problems/shift-there")


def test_two_who_change_a_shift_do_not_write_over_each_other(desk, town):
    id = desk.post("/routing/roster", night_of(town.manager, town.grid)).json["id"]
    seen = desk.get(f"/routing/roster/{id}").headers["ETag"]
    later = {"from": "23:00", "to": "07:00", "shift": "夜班"}
    changed = desk.post(f"/routing/roster/{id}", later, method="PUT", **{"If-Match": seen})
    assert (changed.status_code, changed.json["from"], changed.json["from_on"], changed.headers["ETag"]) == (
        200, "23:00", "2026-11-23", 'W/"2"')
    stale = desk.post(f"/routing/roster/{id}", later, method="PUT", **{"If-Match": seen})
    assert (stale.status_code, stale.json["current_version"]) == (412, 2)
    assert desk.post(f"/routing/roster/{id}", later, method="PUT").json["version"] == 2          # nothing has changed
    assert desk.get(f"/routing/roster/{id}", **{"If-None-Match": 'W/"2"'}).status_code == 304


def test_an_ended_shift_begins_no_more_and_what_was_stays(desk, town, phone_of):
    id = desk.post("/routing/roster", night_of(town.manager, town.grid, from_on="2026-11-16")).json["id"]
    assert desk.post(f"/routing/roster/{id}", method="DELETE").status_code == 204
    assert desk.post(f"/routing/roster/{id}", method="DELETE").status_code == 204
    assert db.session.scalars(select(RosterEntry.to_on)).one().isoformat() == "2026-11-22"
    assert on_duty(town, "2026-11-23T23:00:00+08:00") == []
    planned = desk.post("/routing/roster", night_of(town.manager, town.grid, from_on="2026-12-01")).json["id"]
    desk.post(f"/routing/roster/{planned}", method="DELETE")
    assert desk.get(f"/routing/roster/{planned}").status_code == 404
    with clock.stopped(MONDAY_NOON + timedelta(days=9)):
        tomorrow = phone_of(town.desk)
        assert tomorrow.get("/routing/roster").json["items"] == []
        assert len(tomorrow.get("/routing/roster?past=true").json["items"]) == 1


@pytest.mark.parametrize("from_on", ["2026-11-23", "2026-11-16"])
def test_a_shift_that_has_begun_today_ends_now_and_nothing_before_changes(desk, town, phone_of, from_on):
    """Whether it began with today or runs since last week, by day (08:00) or until tomorrow morning."""
    for ends in ("18:00", "06:00"):
        id = desk.post("/routing/roster", night_of(
            town.manager, town.grid, from_on=from_on, weekdays=[1, 2, 3, 4, 5, 6, 7], **{"from": "08:00", "to": ends}),
            ).json["id"]
        assert desk.post(f"/routing/roster/{id}", method="DELETE").status_code == 204
        with clock.stopped(MONDAY_NOON + timedelta(hours=1)):
            assert phone_of(town.desk).post(f"/routing/roster/{id}", method="DELETE").status_code == 204
        [then, before, now, tomorrow] = (on_duty(town, at) for at in (
            "2026-11-23T11:59:00+08:00", "2026-11-22T17:00:00+08:00", "2026-11-23T12:00:00+08:00",
            "2026-11-24T09:00:00+08:00"))
        assert (before, then, now, tomorrow) == (*[[(town.manager.id, "holder")]] * 2, [], [])
        db.session.execute(delete(RosterEntry))
        db.session.commit()


def test_what_has_run_today_already_stays_as_it_was(desk, town):
    id = desk.post("/routing/roster", night_of(town.manager, town.grid, **{"from": "08:00", "to": "10:00"})).json["id"]
    desk.post(f"/routing/roster/{id}", method="DELETE")
    assert on_duty(town, "2026-11-23T09:00:00+08:00") == [(town.manager.id, "holder")]
    assert on_duty(town, "2026-11-24T09:00:00+08:00") == []


def test_every_change_is_kept_with_who_made_it(desk, town):
    id = desk.post("/routing/roster", night_of(town.manager, town.grid)).json["id"]
    desk.post(f"/routing/roster/{id}", {"from": "21:00", "to": "06:00"}, method="PUT")
    desk.post(f"/routing/roster/{id}", method="DELETE")
    kept = desk.get(f"/routing/roster/changes?area={town.street}").json["items"]
    assert [(each["done"], each["by_id"], each["entry_id"]) for each in kept] == [
        (done, str(town.desk.id), id) for done in ("ended", "changed", "added")]
    assert [each["before"] and each["before"]["begins_minute"] for each in kept] == [21 * 60, 22 * 60, None]


def test_a_keeper_reaches_their_own_posts_alone(desk, town, phone_of):
    stranger = phone_of(an_account(Role.DESK, "360111002"))
    assert stranger.post("/routing/roster", night_of(town.manager, town.grid)).status_code == 403
    id = desk.post("/routing/roster", night_of(town.manager, town.grid)).json["id"]
    assert stranger.get(f"/routing/roster/{id}").status_code == 404
    assert stranger.get("/routing/roster").json["items"] == []
    assert stranger.get(f"/routing/roster?area={town.grid}").json["items"] == []
    beat = NIGHT | {"person_id": str(town.officer.id), "role": "officer", "kind": "traffic", "area": town.beat}
    assert desk.post("/routing/roster", beat).status_code == 403
    assert phone_of(an_account(Role.ADMIN, CITY)).post("/routing/roster", beat).status_code == 201
