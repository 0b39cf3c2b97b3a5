"""A responder gives a case back with a coded reason; the second time a named person decides, with proof before them."""

import pytest
from sqlalchemy import select

from incident_service import accounts
from incident_service.accounts import Role
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Case, CaseEvent
from incident_service.foundation.database import db
from tests.factories import an_account


@pytest.fixture
def dispatched(town, phone_of, run_jobs) -> str:
    """The number of a case that both responders have received."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return number


@pytest.fixture
def other(town):
    return an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")


def give_back(phone, number, reason="not_my_area", **also):
    return phone.post(f"/cases/{number}/return", {"reason": reason, **also})


def give(phone, number, responder, reason="returned"):
    return phone.post(f"/cases/{number}/transfer", {"responder_id": str(responder.id), "reason": reason})


@pytest.fixture
def disputed(dispatched, town, phone_of, other) -> str:
    """The number of a case that came back from both officers."""
    give_back(phone_of(town.officer), dispatched)
    give(phone_of(town.desk), dispatched, other)
    give_back(phone_of(other), dispatched, "not_my_duty")
    return dispatched


def test_a_returned_case_waits_for_the_desk_and_its_clock_runs_on(dispatched, town, phone_of):
    before = phone_of(town.desk).get(f"/cases/{dispatched}").json
    case = give_back(phone_of(town.officer), dispatched, note="在邻区").json
    assert (case["status"], case["due_at"]) == ("returned", before["due_at"])
    ended = next(each for each in case["dispatches"] if each["part"] == "lead")
    assert (ended["ended_because"], ended["held_s"] is not None) == ("returned", True)
    desk = phone_of(town.desk)
    assert desk.get("/me/notifications").json["items"][0]["kind"] == "returned"
    assert "transfer" in desk.get(f"/cases/{dispatched}").json["allowed"]
    line = desk.get(f"/cases/{dispatched}/events").json["items"][-1]
    assert (line["move"], line["details"]["reason"], line["note"]) == ("return", "not_my_area", "在邻区")
    own = phone_of(town.resident).get("/reports").json["items"][0]
    assert own["progress"][-1]["text"] == "正在重新安排处置人员"
    assert db.session.scalars(select(Case.wakes_at)).one() is not None


def test_an_assist_who_returns_leaves_the_lead_at_work(dispatched, town, phone_of):
    phone_of(town.officer).post(f"/cases/{dispatched}/acceptance")
    assert give_back(phone_of(town.manager), dispatched).json["status"] == "accepted"
    assert phone_of(town.desk).get("/me/notifications").json["items"][0]["kind"] == "returned"


def test_a_return_needs_a_reason_and_other_needs_words(dispatched, town, phone_of):
    officer = phone_of(town.officer)
    assert officer.post(f"/cases/{dispatched}/return", {}).status_code == 422
    assert give_back(officer, dispatched, "because").status_code == 422
    silent = give_back(officer, dispatched, "other", note=" ")
    assert (silent.status_code, silent.json["errors"][0]["pointer"]) == (422, "#/note")
    assert give_back(officer, dispatched, "other", note="设备故障").status_code == 200


def test_who_does_not_hold_a_case_cannot_return_it(dispatched, town, phone_of):
    assert give_back(phone_of(town.desk), dispatched).status_code == 403
    officer = phone_of(town.officer)
    key = {"Idempotency-Key": "once"}
    answers = [officer.post(f"/cases/{dispatched}/return", {"reason": "not_my_area"}, **key) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert give_back(officer, dispatched).status_code == 409
    assert db.session.scalars(select(CaseEvent.move)).all().count("return") == 1


def test_a_first_return_is_the_desk_s_affair(dispatched, town, phone_of):
    give_back(phone_of(town.officer), dispatched)
    assert phone_of(town.desk).get(f"/cases/{dispatched}").json["dispute"] is None


def test_a_second_return_shows_boundary_and_rule_and_goes_to_a_named_person(disputed, town, phone_of):
    case = phone_of(town.desk).get(f"/cases/{disputed}", **{"Accept-Language": "en"}).json
    assert case["dispute"]["decider"] == {"id": str(town.supervisor.id), "name": "督查员甲"}
    first, second = case["dispute"]["proof"]
    assert (first["area_code"], first["rule"]) == (town.beat, "fire_lane")
    assert first["boundary"]["type"] == "Polygon"
    assert "the place lies in" in first["text"]
    assert (second["area_code"], second["boundary"]) == (town.beat, None)       # a desk chose it, no boundary did
    told = phone_of(town.supervisor).get("/me/notifications").json["items"][0]
    assert (told["kind"], told["case_number"]) == ("to_decide", disputed)


def test_only_the_named_person_decides_and_then_nobody_returns_it(disputed, town, phone_of, other):
    for person, is_offered in ((town.desk, False), (town.supervisor, True)):
        assert ("transfer" in phone_of(person).get(f"/cases/{disputed}").json["allowed"]) == is_offered
    refused = give(phone_of(town.desk), disputed, town.officer)
    assert (refused.status_code, "督查员甲" in refused.json["detail"]) == (403, True)
    colleague = an_account(Role.SUPERVISOR, town.street, name="督查员乙")
    assert give(phone_of(colleague), disputed, town.officer).status_code == 403
    decided = give(phone_of(town.supervisor), disputed, town.officer, "decided")
    assert decided.status_code == 200, decided.json
    assert (decided.json["status"], decided.json["round"]) == ("dispatched", 3)
    assert decided.json["dispute"]["decided_at"]
    again = give_back(phone_of(town.officer), disputed)
    assert (again.status_code, again.json["type"]) == (409, "/problems/case-not-to-return")
    assert give(phone_of(town.desk), disputed, other).status_code == 200        # the desk may still help out


def test_what_was_decided_binds_no_more_once_the_case_is_another_one(disputed, town, phone_of, run_jobs):
    give(phone_of(town.supervisor), disputed, town.officer, "decided")
    amended = phone_of(town.desk).post(f"/cases/{disputed}/amendment", {
        "category": "motor_parking", "note": "非消防通道"})
    assert amended.status_code == 200, amended.json
    run_jobs()
    assert phone_of(town.desk).get(f"/cases/{disputed}").json["dispute"] is None
    holder = next(each for each in (town.officer, *accounts.responsible_for(town.beat, Role.OFFICER, "traffic"))
                  if give_back(phone_of(each), disputed).status_code == 200)
    assert holder.id != town.supervisor.id


def test_when_the_named_person_has_left_the_desk_decides(disputed, town, phone_of):
    accounts.deactivate(town.supervisor.id, by=town.desk)
    assert give(phone_of(town.desk), disputed, town.officer).status_code == 200


def test_without_a_supervisor_a_clerk_decides(dispatched, town, phone_of, other):
    accounts.deactivate(town.supervisor.id, by=town.desk)
    give_back(phone_of(town.officer), dispatched)
    give(phone_of(town.desk), dispatched, other)
    case = give_back(phone_of(other), dispatched).json
    assert case["dispute"]["decider"]["name"] == "值班员甲"


def test_a_disputed_case_is_without_fault(app, disputed, town, phone_of):
    give(phone_of(town.supervisor), disputed, town.officer, "decided")
    db.session.commit()
    result = app.test_cli_runner().invoke(cases_commands, ["audit", "--language", "en"])
    assert result.output == "1 cases looked through, 0 faults\n"
