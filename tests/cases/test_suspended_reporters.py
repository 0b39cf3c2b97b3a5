"""Who abuses reporting is suspended, told why, and may appeal to somebody else."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from incident_service import accounts, cases
from incident_service.accounts import Role
from incident_service.cases import access, history
from incident_service.cases.commands import cases_commands
from incident_service.cases.reporters import suspending
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.reports import Report
from tests.cases.buttons import all_at_once
from tests.factories import CITY, a_picture, an_account

WHY = {"reason": "false_reports", "note": "三次上报均不属实"}


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    reported = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return reported


@pytest.fixture
def suspended(number, town, phone_of):
    """A suspension without end, from that case."""
    return phone_of(town.supervisor).post(f"/cases/{number}/reporter-suspensions", WHY).json


def appeal(phone, suspended, note="车是我拍的，请核实"):
    return phone.post(f"/me/suspensions/{suspended['id']}/appeal", {"note": note})


def decide(phone, suspended, ruling="lifted"):
    return phone.post(f"/supervision/reporter-suspensions/{suspended['id']}/decision",
                      {"ruling": ruling, "note": "经复核"})


def test_a_suspended_reporter_neither_reports_nor_joins_and_is_told_why_and_how_to_appeal(
        suspended, number, town, phone_of):
    resident = phone_of(town.resident)
    refused = resident.report()
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/reporter-suspended")
    assert (refused.json["reason"], refused.json["note"]) == (WHY["reason"], WHY["note"])
    assert refused.json["suspended_until"] is None
    assert refused.json["appeal"] == f"/api/v1/me/suspensions/{suspended['id']}/appeal"
    phone_of(town.neighbour).report(description="赣A12345")
    assert resident.report(description="赣A12345").status_code == 403
    told = resident.get("/me/notifications").json["items"][0]
    assert (told["kind"], told["case_number"]) == ("reporting_suspended", number)
    assert phone_of(town.neighbour).report().status_code == 201


def test_meanwhile_they_sign_in_read_and_take_part_in_what_they_have_reported(suspended, number, town, phone_of):
    resident = phone_of(town.resident)
    for path in ("/me", "/reports", "/me/points", "/me/points/statement.csv", "/me/notifications", "/me/suspensions"):
        assert resident.get(path).status_code == 200
    assert resident.post(f"/cases/{number}/comments", {"text": "车还在"}).status_code == 201
    [own] = resident.get("/me/suspensions").json["items"]
    assert (own["case_number"], own["is_in_force"], own["may_appeal"]) == (number, True, True)
    assert town.supervisor.name not in str(own)


def test_a_suspended_reporter_has_nothing_reopened_but_staff_do(suspended, number, town, phone_of, run_jobs):
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    phone_of(town.manager).post(f"/cases/{number}/closure")
    wish = {"reason": "not_solved"}
    refused = phone_of(town.resident).send(f"/cases/{number}/reopening", wish, [a_picture()])
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/reporter-suspended")
    assert phone_of(town.desk).send(f"/cases/{number}/reopening", wish, []).status_code == 200


def test_it_ends_by_itself_on_its_day(number, town, phone_of):
    until = clock.now() + timedelta(days=30)
    phone_of(town.supervisor).post(f"/cases/{number}/reporter-suspensions", WHY | {"until": until.isoformat()})
    refused = phone_of(town.resident).report().json
    assert refused["suspended_until"].startswith(until.isoformat()[:19])
    with clock.stopped(until + timedelta(seconds=1)):
        assert phone_of(town.resident).report().status_code == 201
        assert not phone_of(town.resident).get("/me/suspensions").json["items"][0]["is_in_force"]


def test_it_reaches_as_far_as_who_ordered_it_and_no_farther(number, town, phone_of):
    here = phone_of(an_account(Role.SUPERVISOR, town.street))
    elsewhere = phone_of(an_account(Role.SUPERVISOR, "360111002"))
    assert elsewhere.post(f"/cases/{number}/reporter-suspensions", WHY).status_code == 404
    assert here.post(f"/cases/{number}/reporter-suspensions", WHY).json["area_code"] == town.street
    resident = phone_of(town.resident)
    assert resident.report().status_code == 403
    assert resident.report(latitude=28.72, longitude=115.99).status_code == 201      # another street, or nobody's place


def test_there_is_one_appeal_and_somebody_else_decides_it(suspended, number, town, phone_of):
    second = an_account(Role.SUPERVISOR, CITY, name="督查员乙")
    of_a_street = an_account(Role.SUPERVISOR, town.street, name="督查员丙")
    resident = phone_of(town.resident)
    assert decide(phone_of(second), suspended).status_code == 404              # nobody has appealed yet
    assert appeal(resident, suspended).status_code == 200
    assert appeal(resident, suspended).status_code == 200
    assert appeal(resident, suspended, "再来一次").status_code == 409
    assert resident.report().json["appeal"] is None
    assert appeal(phone_of(town.neighbour), suspended).status_code == 404
    assert phone_of(second).get("/me/notifications").json["items"][0]["kind"] == "reporting_suspended"
    assert decide(phone_of(of_a_street), suspended).status_code == 404         # it holds in the whole city
    own = decide(phone_of(town.supervisor), suspended)
    assert (own.status_code, own.json["type"]) == (403, "/problems/suspension-not-yours")
    waiting = phone_of(second).get("/supervision/reporter-suspensions?waiting=true").json["items"]
    assert [(each["id"], each["reporter"].startswith("居民-")) for each in waiting] == [(suspended["id"], True)]
    assert decide(phone_of(second), suspended).json["ruling"] == "lifted"
    assert decide(phone_of(second), suspended).status_code == 200
    assert decide(phone_of(second), suspended, "upheld").status_code == 409
    assert resident.report().status_code == 201
    assert resident.get("/me/suspensions").json["items"][0]["decision_note"] == "经复核"


def test_an_administrator_decides_where_there_is_no_other_supervisor(suspended, number, town, phone_of):
    admin = an_account(Role.ADMIN, CITY, name="管理员甲")
    appeal(phone_of(town.resident), suspended)
    assert phone_of(admin).get("/me/notifications").json["items"][0]["kind"] == "reporting_suspended"
    assert decide(phone_of(admin), suspended, "upheld").json["decided_by"] == "管理员甲"
    assert phone_of(town.resident).report().status_code == 403


def lift(phone, suspended):
    return phone.post(f"/supervision/reporter-suspensions/{suspended['id']}/lifting", {"note": "经核实属误判"})


def test_who_ordered_it_takes_a_mistake_back_without_an_appeal(app, suspended, number, town, phone_of):
    resident, supervisor = phone_of(town.resident), phone_of(town.supervisor)
    assert lift(phone_of(an_account(Role.SUPERVISOR, "360111002")), suspended).status_code == 404
    assert lift(supervisor, suspended).json["is_in_force"] is False
    assert lift(phone_of(an_account(Role.ADMIN, CITY)), suspended).json["lift_note"] == "经核实属误判"
    assert resident.report().status_code == 201
    told = resident.get("/me/notifications").json["items"]
    assert next(each["title"] for each in told if each["kind"] == "reporting_suspended").startswith("停用已撤销")
    refused = appeal(resident, suspended)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/suspension-lifted")
    assert not resident.get("/me/suspensions").json["items"][0]["may_appeal"]
    steps = [each["details"]["step"] for each in phone_of(town.desk).get(f"/cases/{number}/events").json["items"]
             if each["move"] == "suspend_reporter"]
    assert steps == ["suspended", "taken_back"]
    assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_what_was_taken_back_waits_for_no_decision_and_what_an_appeal_lifted_stays_lifted(
        suspended, town, phone_of):
    second = phone_of(an_account(Role.SUPERVISOR, CITY))
    appeal(phone_of(town.resident), suspended)
    lift(phone_of(town.supervisor), suspended)
    assert second.get("/supervision/reporter-suspensions?waiting=true").json["items"] == []
    assert decide(second, suspended, "upheld").json["type"] == "/problems/suspension-lifted"


def come_back(town, phone_of):
    """The resident has the account removed and signs up again by the same phone."""
    phone = town.resident.phone
    cases.remove_account(by=town.resident)
    return phone_of(an_account(Role.RESIDENT, CITY, phone=phone, name="居民丁"))


def own_rows(phone, run_jobs) -> list[str]:
    """Why somebody is suspended, by the file of what is kept about them."""
    made = phone.post("/me/export").json["id"]
    run_jobs()
    with ZipFile(BytesIO(phone.get(f"/exports/{made}/file").data)) as file:
        return [each["note"] for each in json.loads(file.read("tables/reporter_suspension.json"))]


def test_whoever_comes_back_by_the_same_phone_is_still_suspended_and_may_appeal(
        suspended, number, town, phone_of, run_jobs):
    before = town.resident.phone
    newcomer = come_back(town, phone_of)
    refused = newcomer.report()
    assert (refused.status_code, refused.json["suspension_id"]) == (403, suspended["id"])
    assert phone_of(town.neighbour).report().status_code == 201
    kept = "".join(str(row) for row in db.session.execute(text("SELECT * FROM reporter_suspension")))
    assert before not in kept
    assert [each["id"] for each in newcomer.get("/me/suspensions").json["items"]] == [suspended["id"]]
    assert own_rows(newcomer, run_jobs) == [WHY["note"]]
    cases.remove_account(by=town.neighbour)
    assert suspending.own_suspensions(accounts.find(town.neighbour.id)) == []      # no phone is nobody's phone
    assert appeal(newcomer, suspended).status_code == 200
    assert decide(phone_of(an_account(Role.ADMIN, CITY)), suspended).status_code == 200
    assert newcomer.get("/me/notifications").json["items"][0]["title"].startswith("您的申诉成立")
    assert newcomer.report().status_code == 201


def test_whoever_came_back_is_told_that_it_was_taken_back(suspended, town, phone_of):
    newcomer = come_back(town, phone_of)
    assert lift(phone_of(town.supervisor), suspended).status_code == 200
    assert newcomer.get("/me/notifications").json["items"][0]["title"].startswith("停用已撤销")


def test_whoever_came_back_and_is_suspended_from_the_same_case_again_may_appeal_against_both(
        app, suspended, number, town, phone_of):
    newcomer = come_back(town, phone_of)
    with transaction():
        said = db.session.scalars(select(Report)).one()
        said.reporter_id = newcomer.account.id
    again = phone_of(town.supervisor).post(f"/cases/{number}/reporter-suspensions", WHY | {"reason": "spam"}).json
    assert [appeal(newcomer, each).status_code for each in (suspended, again)] == [200, 200]
    second = phone_of(an_account(Role.ADMIN, CITY))
    assert [decide(second, each).status_code for each in (suspended, again)] == [200, 200]
    told = [each["title"] for each in newcomer.get("/me/notifications").json["items"]]
    assert len([title for title in told if title.startswith("您的申诉成立")]) == 2
    assert newcomer.report().status_code == 201


def test_whoever_comes_back_as_a_supervisor_does_not_take_their_own_suspension_back(suspended, town, phone_of):
    phone = town.resident.phone
    cases.remove_account(by=town.resident)
    newcomer = phone_of(an_account(Role.SUPERVISOR, CITY, phone=phone, name="督查员丁"))
    refused = newcomer.post(f"/supervision/reporter-suspensions/{suspended['id']}/lifting", {"note": "误判"})
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/suspension-not-yours")


def test_the_hash_of_the_phone_goes_when_the_suspension_ends(app, number, town, phone_of):
    until = clock.now() + timedelta(days=30)
    phone_of(town.supervisor).post(f"/cases/{number}/reporter-suspensions", WHY | {"until": until.isoformat()})
    come_back(town, phone_of)
    seals = text("SELECT count(*) FROM reporter_suspension WHERE phone_seal IS NOT NULL")
    cases.apply_retention()
    assert db.session.scalar(seals) == 1
    with clock.stopped(until + timedelta(seconds=1)):
        cases.apply_retention()
    assert db.session.scalar(seals) == 0


@pytest.mark.parametrize(("one", "other"), [("decision", "lifting"), ("decision", "decision")])
def test_two_who_decide_at_once(app, suspended, number, town, phone_of, one, other):
    """One wins; the other is told what happened, and the reporter is told once."""
    appeal(phone_of(town.resident), suspended)
    way = f"/supervision/reporter-suspensions/{suspended['id']}/"
    words = {"decision": [{"ruling": "lifted", "note": "成立"}, {"ruling": "upheld", "note": "不成立"}],
             "lifting": [{}, {"note": "误判"}]}
    answers = all_at_once(app, [(phone_of(an_account(Role.SUPERVISOR, CITY)), way + one, words[one][0]),
                                (phone_of(an_account(Role.ADMIN, CITY)), way + other, words[other][1])] * 3)
    assert {each.status for each in answers} == {200, 409}
    assert {each.json["type"] for each in answers if each.status == 409} <= {
        "/problems/suspension-decided", "/problems/suspension-lifted"}
    db.session.expire_all()
    told = [each for each in phone_of(town.resident).get("/me/notifications").json["items"]
            if each["kind"] == "reporting_suspended"]
    assert len(told) == 2


def test_two_who_suspend_at_once(app, number, town, phone_of):
    answers = all_at_once(app, [(phone_of(an_account(Role.SUPERVISOR, CITY)), f"/cases/{number}/reporter-suspensions",
                                 WHY) for _ in range(4)])
    assert sorted(each.status for each in answers) == [201, 409, 409, 409]
    [kept] = phone_of(town.resident).get("/me/suspensions").json["items"]
    assert {each.json["suspension_id"] for each in answers if each.status == 409} == {kept["id"]}


def test_it_begins_with_a_case_names_a_pseudonym_and_stands_in_the_history(app, suspended, number, town, phone_of):
    appeal(phone_of(town.resident), suspended)
    desk = phone_of(town.desk)
    lines = desk.get(f"/cases/{number}/events").json["items"][-2:]
    assert [(each["move"], each["details"]["step"]) for each in lines] == [
        ("suspend_reporter", "suspended"), ("suspend_reporter", "appealed")]
    pseudonym = desk.get(f"/cases/{number}").json["reports"][0]["reporter"]
    assert (lines[1]["by"], suspended["reporter"]) == (pseudonym, pseudonym)
    decide(phone_of(an_account(Role.ADMIN, CITY)), suspended)
    history = desk.get(f"/cases/{number}/events").text
    assert not any(words in history for words in (WHY["note"], "车是我拍的", "经复核"))     # of both sides, not for all
    for answer in (suspended, lines):
        assert town.resident.name not in str(answer)
        assert str(town.resident.id) not in str(answer)
    assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_words_that_a_history_once_held_are_erased_and_it_still_verifies(app, suspended, number, town):
    with transaction():
        case = access.find_to_change(number, by=town.supervisor)
        history.note(case, cases.Move.SUSPEND_REPORTER, by_id=town.resident.id, note="车是我拍的", step="appealed")
    for _ in range(2):
        cases.apply_retention()
        assert set(db.session.scalars(text("SELECT note FROM case_event"))) == {""}
        db.session.rollback()
        assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_one_case_suspends_once_and_repeating_it_changes_nothing(suspended, number, town, phone_of):
    again = phone_of(town.supervisor).post(f"/cases/{number}/reporter-suspensions", WHY)
    assert (again.status_code, again.json["id"]) == (201, suspended["id"])
    other = phone_of(an_account(Role.SUPERVISOR, CITY)).post(f"/cases/{number}/reporter-suspensions", WHY)
    assert (other.status_code, other.json["type"]) == (409, "/problems/reporter-suspended-before")


@pytest.mark.parametrize("change", [
    "decided_by_id = suspended_by_id, decided_at = begins_at, ruling = 'lifted', appealed_at = begins_at",
    "until = begins_at", "reporter_id = suspended_by_id", "ruling = 'lifted'"])
def test_the_database_refuses_what_must_never_be(suspended, change):
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE reporter_suspension SET {change}"))
    db.session.rollback()


def test_nobody_else_suspends_and_nonsense_is_refused(number, town, phone_of):
    for who in (town.desk, town.manager, town.officer, town.resident):
        assert phone_of(who).post(f"/cases/{number}/reporter-suspensions", WHY).status_code == 403
    supervisor = phone_of(town.supervisor)
    past = (clock.now() - timedelta(days=1)).isoformat()
    assert supervisor.post(f"/cases/{number}/reporter-suspensions", WHY | {"until": past}).status_code == 422
    assert supervisor.post(f"/cases/{number}/reporter-suspensions", WHY | {"note": ""}).status_code == 422
    assert supervisor.post(f"/cases/{number}/reporter-suspensions", WHY | {"report_id": str(town.resident.id)}
                           ).status_code == 404
