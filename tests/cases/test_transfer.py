"""What a desk does when the platform found nobody."""

import pytest

from incident_service import accounts, routing
from incident_service.accounts import Role
from incident_service.areas import UnknownArea
from tests.factories import a_picture, an_account


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


@pytest.fixture
def dispatched(town, phone_of, run_jobs) -> str:
    """The number of a case that both responders have received."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return number


def held_by(case) -> list[tuple[str, str, int]]:
    return [(each["part"], each["responder"]["name"], each["round"]) for each in case["dispatches"]
            if each["ended_at"] is None]


def test_a_desk_gives_the_lead_to_somebody_else_in_a_new_round_and_the_deadline_stays(dispatched, town, phone_of):
    other, desk = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙"), phone_of(town.desk)
    before = desk.get(f"/cases/{dispatched}").json
    phone_of(town.officer).post(f"/cases/{dispatched}/acceptance")
    case = give(desk, dispatched, other, reason="overload").json
    assert (case["status"], case["round"], case["due_at"]) == ("dispatched", 2, before["due_at"])
    assert held_by(case) == [("assist", "网格员甲", 1), ("lead", "交警乙", 2)]
    gone = next(each for each in case["dispatches"] if each["responder"]["name"] == "交警甲")
    assert (gone["ended_because"], gone["held_s"] is not None) == ("transferred", True)
    assert phone_of(town.officer).get("/me/notifications").json["items"][0]["kind"] == "transferred"
    assert phone_of(other).get("/me/notifications").json["items"][0]["kind"] == "dispatch"
    late = phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    assert late.status_code == 409
    assert phone_of(other).post(f"/cases/{dispatched}/acceptance").json["status"] == "accepted"


def test_a_desk_may_change_the_assist_alone_and_an_accepted_case_stays_so(dispatched, town, phone_of):
    phone_of(town.officer).post(f"/cases/{dispatched}/acceptance")
    other = an_account(Role.GRID_MANAGER, town.grid, name="网格员乙")
    case = phone_of(town.desk).post(f"/cases/{dispatched}/transfer", {
        "assist_id": str(other.id), "reason": "wrong_area"}).json
    assert case["status"] == "accepted"
    assert held_by(case) == [("lead", "交警甲", 1), ("assist", "网格员乙", 2)]


def test_both_parts_may_be_given_at_once(dispatched, town, phone_of):
    officer = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    manager = an_account(Role.GRID_MANAGER, town.grid, name="网格员乙")
    case = give(phone_of(town.desk), dispatched, officer, assist_id=str(manager.id)).json
    assert held_by(case) == [("lead", "交警乙", 2), ("assist", "网格员乙", 2)]


def test_nobody_is_given_what_they_have_and_somebody_must_be_named(dispatched, unroutable, town, phone_of):
    desk = phone_of(town.desk)
    again = give(desk, dispatched, town.officer)
    assert (again.status_code, again.json["errors"][0]["pointer"]) == (422, "#/responder_id")
    assert desk.post(f"/cases/{dispatched}/transfer", {"reason": "other"}).status_code == 422
    assist_alone = desk.post(f"/cases/{unroutable}/transfer", {"assist_id": str(town.manager.id), "reason": "other"})
    assert (assist_alone.status_code, assist_alone.json["errors"][0]["pointer"]) == (422, "#/responder_id")


def test_a_desk_sees_how_much_each_candidate_has_in_hand(dispatched, town, phone_of):
    free = an_account(Role.OFFICER, town.beat, kind="traffic")
    found = {each["id"]: each["open_dispatches"] for each in phone_of(town.desk).get(
        f"/cases/{dispatched}/candidates").json["items"]}
    assert (found[str(town.officer.id)], found[str(free.id)]) == (1, 0)


def test_a_rectified_case_is_not_given_away(dispatched, town, phone_of):
    phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    other = an_account(Role.OFFICER, town.beat, kind="traffic")
    assert give(phone_of(town.desk), dispatched, other).status_code == 409


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
