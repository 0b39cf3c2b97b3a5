"""A leaver's open work is dispatched anew."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from incident_service import accounts, cases
from incident_service.accounts import Role
from incident_service.cases import finding
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Dispatch
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
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


def test_who_is_staff_no_more_sees_of_what_they_were_given_what_a_neighbour_sees(number, town, phone_of, run_jobs):
    officer, neighbour = phone_of(town.officer), phone_of(town.neighbour)
    case = officer.get(f"/cases/{number}").json
    done = officer.send(f"/cases/{number}/rectification", {}, [a_picture()]).json
    run_jobs()
    ways = [f"/photos/{photo['id']}/{size}" for stage in ("before", "after") for photo in done["photos"][stage]
            for size in ("thumb", "screen")] + [f"/cases/{number}/side-by-side.jpg", f"/cases/{number}", "/cases"]
    assert case["photos"]["before"] and [officer.get(way).status_code for way in ways] == [200] * len(ways)
    admin = phone_of(an_account(Role.ADMIN, CITY))
    roles = {"roles": [{"role": "resident", "area": CITY}]}
    assert admin.post(f"/people/{town.officer.id}", roles, method="PATCH").status_code == 200
    officer = phone_of(town.officer)
    refused = [neighbour.get(way).status_code for way in ways]
    assert refused == [404] * (len(ways) - 2) + [403, 403]
    assert [officer.get(way).status_code for way in ways] == refused
    assert officer.post(f"/cases/{number}/comments", {"text": "看见"}).status_code == 404


def test_a_list_made_later_holds_nothing_for_who_is_staff_no_more(number, town):
    by = accounts.find(town.officer.id)
    manner = {"limit": 9, "cursor": "", "sort": "newest"}
    asked = ({}, {"responder": "me"}, {"q": "消防"}, {"open": True})
    assert finding.page_of_cases(by=by, **manner).items
    with transaction():
        by.roles = [each for each in by.roles if each.role is Role.RESIDENT]
    for wanted in asked:
        assert not list(finding.page_of_cases(by=by, **manner, **wanted).items)
    assert finding.count_of_cases(by=by) == 0


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


def suspend(town, phone_of, number) -> None:
    until = (clock.now() + timedelta(days=9)).isoformat()
    asked = phone_of(town.officer).post(f"/cases/{number}/suspension", {"reason": "material", "until": until}).json
    petition = asked["petitions"][-1]["id"]
    assert phone_of(town.desk).post(f"/cases/{number}/petitions/{petition}/approval").json["status"] == "suspended"


def test_a_suspended_case_of_a_leaver_is_handed_over_at_once_and_stays_suspended(app, number, town, phone_of, run_jobs):
    second = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    suspend(town, phone_of, number)
    accounts.deactivate(town.officer.id, by=town.desk)
    run_jobs()
    assert given() == [(town.officer.id, 1, "left"), (second.id, 2, None)]
    assert phone_of(town.desk).get(f"/cases/{number}").json["status"] == "suspended"
    assert phone_of(town.desk).post(f"/cases/{number}/resumption").json["status"] == "dispatched"
    run_jobs()
    assert phone_of(second).post(f"/cases/{number}/acceptance").json["status"] == "accepted"
    assert is_sound(app)


def test_with_nobody_to_follow_a_suspended_case_finds_somebody_when_it_goes_on_or_goes_to_the_desk(
        app, number, town, phone_of, run_jobs):
    desk = phone_of(town.desk)
    suspend(town, phone_of, number)
    for person in (town.officer, town.manager):
        accounts.deactivate(person.id, by=town.desk)
    run_jobs()
    assert (given(), desk.get(f"/cases/{number}").json["status"]) == ([(town.officer.id, 1, None)], "suspended")
    second = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    desk.post(f"/cases/{number}/resumption")
    run_jobs()
    assert given() == [(town.officer.id, 1, "left"), (second.id, 2, None)]
    suspended = an_account(Role.DESK, town.street)
    accounts.deactivate(second.id, by=suspended)
    run_jobs()
    assert desk.get(f"/cases/{number}").json["status"] == "unroutable"
    assert is_sound(app)


def test_what_a_leaver_asked_for_is_decided_and_told_to_who_has_the_case_now(number, town, phone_of, run_jobs):
    second = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    asked = phone_of(town.officer).post(f"/cases/{number}/extension", {"reason": "material"}).json
    accounts.deactivate(town.officer.id, by=town.desk)
    run_jobs()
    phone_of(town.desk).post(f"/cases/{number}/petitions/{asked['petitions'][-1]['id']}/approval")
    assert phone_of(second).get("/me/notifications").json["items"][0]["kind"] == "approval"


def test_a_request_that_waits_for_a_leaver_is_put_before_the_next_desk(number, town, phone_of, run_jobs):
    city = an_account(Role.DESK, CITY)
    phone_of(town.officer).post(f"/cases/{number}/extension", {"reason": "material"})
    assert "to_approve" not in kinds(phone_of(city))
    accounts.deactivate(town.desk.id, by=city)
    run_jobs()
    assert kinds(phone_of(city)).count("to_approve") == 1
    cases.hand_over_work(town.desk.id)
    run_jobs()
    assert kinds(phone_of(city)).count("to_approve") == 1


def kinds(phone) -> list[str]:
    return [each["kind"] for each in phone.get("/me/notifications").json["items"]]


def test_what_came_back_twice_is_put_before_another_named_person_when_the_first_leaves(
        app, number, town, phone_of, run_jobs):
    street = an_account(Role.SUPERVISOR, town.street, name="街道督查")
    second, desk = an_account(Role.OFFICER, town.beat, kind="traffic"), phone_of(town.desk)
    phone_of(town.officer).post(f"/cases/{number}/return", {"reason": "not_my_area"})
    desk.post(f"/cases/{number}/transfer", {"responder_id": str(second.id), "reason": "returned"})
    phone_of(second).post(f"/cases/{number}/return", {"reason": "not_my_duty"})
    assert desk.get(f"/cases/{number}").json["dispute"]["decider"]["name"] == "街道督查"
    accounts.deactivate(street.id, by=town.desk)
    run_jobs()
    assert desk.get(f"/cases/{number}").json["dispute"]["decider"]["name"] == "督查员甲"
    assert kinds(phone_of(town.supervisor)).count("to_decide") == 1
    line = desk.get(f"/cases/{number}/events").json["items"][-1]
    assert (line["move"], line["details"]["because"]) == ("escalate", "decider_left")
    answer = phone_of(town.supervisor).post(
        f"/cases/{number}/transfer", {"responder_id": str(second.id), "reason": "decided"})
    assert answer.status_code == 200
    run_jobs()
    assert is_sound(app)


def test_an_assist_who_leaves_while_the_case_is_at_the_desk_is_followed_by_nobody_in_vain(
        app, number, town, phone_of, run_jobs):
    phone_of(town.officer).post(f"/cases/{number}/return", {"reason": "not_my_area"})
    community = an_account(Role.GRID_MANAGER, town.grid[:12])
    accounts.deactivate(town.manager.id, by=town.desk)
    run_jobs()
    assert given("assist") == [(town.manager.id, 1, "left"), (community.id, 2, None)]
    assert phone_of(town.desk).get(f"/cases/{number}").json["status"] == "returned"
    accounts.deactivate(community.id, by=town.desk)
    run_jobs()
    assert phone_of(town.desk).get(f"/cases/{number}").json["status"] == "returned"
    assert is_sound(app)
