"""What a desk does when the platform found nobody."""

import pytest

from incident_service import accounts, routing
from incident_service.accounts import Role
from incident_service.areas import UnknownArea
from tests.factories import an_account


@pytest.fixture
def unroutable(town, phone_of, run_jobs) -> str:
    """The number of a case that lies in no grid."""
    number = phone_of(town.resident).report(latitude=28.6900 - 0.0120).json["case_number"]
    run_jobs()
    return number


def give(phone, number, responder, **also):
    return phone.post(f"/cases/{number}/transfer", {
        "responder_id": str(responder.id), "reason": "nobody_found", **also})


def test_a_desk_gives_the_case_to_somebody_who_then_leads(unroutable, town, phone_of):
    desk = phone_of(town.desk)
    assert "transfer" in desk.get(f"/cases/{unroutable}").json["allowed"]
    offered = {each["id"]: each for each in desk.get(f"/cases/{unroutable}/candidates").json["items"]}
    assert offered[str(town.officer.id)]["area_code"] == town.beat
    given = give(desk, unroutable, town.officer, note="请前往")
    assert given.status_code == 200, given.json
    case = given.json
    assert (case["status"], case["unroutable_reason"]) == ("dispatched", None)
    assert [(each["part"], each["responder"]["id"]) for each in case["dispatches"]] == [("lead", str(town.officer.id))]
    assert case["explanation"][0].startswith("主责：值班席人工派给")
    assert case["pushed_at"]
    assert case["due_at"]
    officer = phone_of(town.officer)
    assert officer.get("/me/notifications").json["items"][0]["case_number"] == unroutable
    assert officer.post(f"/cases/{unroutable}/acceptance").status_code == 200
    progress = phone_of(town.resident).get("/reports").json["items"][0]["progress"]
    assert "已推送给交警队员" in [step["text"] for step in progress]


def test_only_a_desk_of_the_area_gives_cases(unroutable, town, phone_of):
    assert give(phone_of(town.supervisor), unroutable, town.officer).status_code == 403
    assert phone_of(town.supervisor).get(f"/cases/{unroutable}/candidates").status_code == 403
    elsewhere = an_account(Role.DESK, "360199001")
    assert give(phone_of(elsewhere), unroutable, town.officer).status_code == 404


def test_nobody_from_elsewhere_and_no_resident_is_given_a_case(unroutable, town, phone_of):
    for person in (an_account(Role.GRID_MANAGER, "360199001001001"), town.resident, town.desk):
        answer = give(phone_of(town.desk), unroutable, person)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/responder_id")


def test_a_case_that_found_its_responders_is_not_given_away(town, phone_of, run_jobs):
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    assert give(phone_of(town.desk), number, town.officer).status_code == 409


def test_when_the_rules_cannot_say_a_person_does(town, phone_of, run_jobs, monkeypatch):
    """A fault in tables or areas must not leave a case waiting where nobody looks."""
    def lost(**_):
        raise UnknownArea()

    monkeypatch.setattr(routing, "choose", lost)
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    desk = phone_of(town.desk)
    case = desk.get(f"/cases/{number}").json
    assert (case["status"], case["unroutable_reason"]) == ("unroutable", "undecided")
    assert desk.get("/me/notifications").json["items"][0]["kind"] == "unroutable"


def test_without_areas_a_case_waits_at_the_city_s_desk(app, phone_of, run_jobs):
    desk = an_account(Role.DESK, app.config["CITY_CODE"])
    number = phone_of(an_account(Role.RESIDENT)).report().json["case_number"]
    run_jobs()
    assert phone_of(desk).get(f"/cases/{number}").json["status"] == "unroutable"
    assert accounts.staff_of(app.config["CITY_CODE"], Role.DESK)[0].id == desk.id
