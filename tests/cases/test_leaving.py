"""A leaver's open work is dispatched anew."""

import pytest
from sqlalchemy import select

from incident_service import accounts, cases
from incident_service.accounts import Role
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Dispatch
from incident_service.foundation.database import db
from tests.factories import CITY, a_picture, an_account


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    """A blocked fire lane that both responders have received."""
    reported = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return reported


def given(part: str = "lead"):
    return [(each.responder_id, each.round, each.ended_because) for each in db.session.scalars(
        select(Dispatch).where(Dispatch.part == part).order_by(Dispatch.round))]


def is_sound(app) -> bool:
    return app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_who_is_deactivated_leaves_their_part_to_the_next_and_the_case_stays_where_it_was(
        app, number, town, phone_of, run_jobs):
    second = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    phone_of(town.officer).post(f"/cases/{number}/acceptance")
    phone_of(an_account(Role.ADMIN, CITY)).post(f"/people/{town.officer.id}/deactivation")
    run_jobs()
    assert given() == [(town.officer.id, 1, "left"), (second.id, 2, None)]
    assert given("assist") == [(town.manager.id, 1, None)]
    case = phone_of(second).get(f"/cases/{number}", **{"Accept-Language": "en"}).json
    assert case["status"] == "accepted"
    assert any("the one before left, so it went to the traffic officer" in each for each in case["explanation"])
    assert [each["kind"] for each in phone_of(second).get("/me/notifications").json["items"]] == ["dispatch"]
    assert phone_of(second).post(f"/cases/{number}/acceptance").status_code == 200
    assert phone_of(second).send(f"/cases/{number}/rectification", {}, [a_picture()]).status_code == 200
    run_jobs()
    assert is_sound(app)


def test_who_loses_the_role_leaves_their_part_and_who_keeps_it_keeps_it(number, town, phone_of, run_jobs):
    second = an_account(Role.OFFICER, town.beat, kind="traffic")
    admin = phone_of(an_account(Role.ADMIN, CITY))
    officer = {"role": "officer", "kind": "traffic"}
    both_beats = [officer | {"area": town.beat}, officer | {"area": "360111J01"}]
    assert admin.post(f"/people/{town.officer.id}", {"roles": both_beats}, method="PATCH").status_code == 200
    assert admin.post(f"/people/{town.officer.id}", {"roles": both_beats[:1]}, method="PATCH").status_code == 200
    run_jobs()
    assert given() == [(town.officer.id, 1, None)]
    assert admin.post(f"/people/{town.officer.id}", {"roles": both_beats[1:]}, method="PATCH").status_code == 200
    run_jobs()
    assert given() == [(town.officer.id, 1, "left"), (second.id, 2, None)]


def test_with_nobody_to_follow_the_desk_is_told_and_gets_what_nobody_holds(app, number, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    accounts.deactivate(town.officer.id, by=town.desk)
    run_jobs()
    assert desk.get("/me/notifications").json["items"][0]["kind"] == "part_missing"
    assert desk.get(f"/cases/{number}").json["status"] == "dispatched"
    accounts.deactivate(town.manager.id, by=town.desk)
    run_jobs()
    assert desk.get("/cases?status=unroutable").json["items"][0]["number"] == number
    assert desk.get("/me/notifications").json["items"][0]["kind"] == "unroutable"
    assert is_sound(app)
    last = an_account(Role.OFFICER, town.beat, kind="traffic")
    answer = desk.post(f"/cases/{number}/transfer", {"responder_id": str(last.id), "reason": "nobody_found"})
    assert (answer.status_code, answer.json["status"]) == (200, "dispatched")
    run_jobs()
    assert is_sound(app)


def test_repeated_it_hands_over_once_and_a_finished_part_stays(number, town, phone_of, run_jobs):
    second = an_account(Role.OFFICER, town.beat, kind="traffic")
    phone_of(town.manager).post(f"/cases/{number}/acceptance")
    accounts.deactivate(town.officer.id, by=town.desk)
    dispatch_id = db.session.scalars(select(Dispatch.id).where(Dispatch.responder_id == town.officer.id)).one()
    for _ in range(3):
        cases.hand_over_work(town.officer.id)
        cases.hand_over_part(dispatch_id)
    run_jobs()
    assert given() == [(town.officer.id, 1, "left"), (second.id, 2, None)]
    phone_of(second).send(f"/cases/{number}/rectification", {}, [a_picture()])
    accounts.deactivate(second.id, by=town.desk)
    run_jobs()
    assert len(given()) == 2
