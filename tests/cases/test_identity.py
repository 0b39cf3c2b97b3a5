"""Who a reporter is stays hidden, unless two people open it for a reason; it is written down, and they learn it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from incident_service import accounts
from incident_service.accounts import Grant, Role
from incident_service.cases.commands import cases_commands
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.cases.buttons import all_at_once
from tests.factories import CITY, a_phone, an_account

WHY = {"reason": "涉嫌诬告，公安机关来函"}


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    reported = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return reported


@pytest.fixture
def asked(number, town, phone_of) -> str:
    """Where the wish of a desk clerk stands."""
    wish = phone_of(town.desk).post(f"/cases/{number}/identity-requests", WHY)
    assert wish.status_code == 201
    return f"/cases/{number}/identity-requests/{wish.json['id']}"


def is_sound(app) -> bool:
    return app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_two_people_open_it_for_a_while_and_the_reporter_learns_of_it(app, asked, number, town, phone_of):
    desk, resident = phone_of(town.desk), phone_of(town.resident)
    sealed = desk.get(f"{asked}/identity")
    assert (sealed.status_code, sealed.json["type"]) == (403, "/problems/reporter-identity-sealed")
    supervisor = phone_of(town.supervisor)
    assert supervisor.get("/me/notifications").json["items"][0]["kind"] == "to_approve"
    assert supervisor.post(f"{asked}/approval").json["approved_by"] == town.supervisor.name
    assert resident.get("/me/identity-openings").json["items"] == []
    opened = desk.get(f"{asked}/identity")
    assert (opened.json["name"], opened.json["phone"]) == (town.resident.name, town.resident.phone)
    assert opened.headers["Cache-Control"] == "no-store"
    desk.get(f"{asked}/identity")
    assert supervisor.get(f"{asked}/identity").status_code == 403              # consent is for who asked
    [own] = resident.get("/me/identity-openings").json["items"]
    assert (own["case_number"], own["reason"], own["looks"]) == (number, WHY["reason"], 2)
    assert town.desk.name not in str(own)
    assert resident.get("/me/notifications").json["items"][0]["kind"] == "identity_opened"
    [report] = resident.get("/reports").json["items"]
    assert [each["text"] for each in report["progress"]].count("工作人员经批准调阅了您的身份信息") == 1
    with clock.stopped(clock.now() + app.config["ORIGINAL_OPEN"] + timedelta(minutes=1)):
        assert phone_of(town.desk).get(f"{asked}/identity").status_code == 403
    assert is_sound(app)


def test_everything_is_written_down_under_the_pseudonym(asked, number, town, phone_of):
    desk = phone_of(town.desk)
    phone_of(town.supervisor).post(f"{asked}/approval")
    desk.get(f"{asked}/identity")
    lines = [each for each in desk.get(f"/cases/{number}/events").json["items"] if each["move"] == "open_identity"]
    assert [(each["details"]["step"], each["by"]) for each in lines] == [
        ("asked", town.desk.name), ("approved", town.supervisor.name), ("opened", town.desk.name)]
    [wish] = desk.get(f"/cases/{number}/identity-requests").json["items"]
    assert (wish["reason"], wish["approved_by"], len(wish["looks"])) == (WHY["reason"], town.supervisor.name, 1)
    assert WHY["reason"] not in phone_of(town.manager).get(f"/cases/{number}/events").text
    for answer in (lines, wish):
        assert town.resident.name not in str(answer) and str(town.resident.id) not in str(answer)


def test_nobody_agrees_to_their_own_wish_and_a_desk_agrees_to_none(number, town, phone_of):
    supervisor = phone_of(town.supervisor)
    wish = supervisor.post(f"/cases/{number}/identity-requests", WHY).json
    way = f"/cases/{number}/identity-requests/{wish['id']}/approval"
    own = supervisor.post(way)
    assert (own.status_code, own.json["type"]) == (403, "/problems/second-person-needed")
    assert phone_of(town.desk).post(way).status_code == 403
    elsewhere = an_account(Role.SUPERVISOR, "360111002")
    assert phone_of(elsewhere).post(way).status_code == 404
    assert phone_of(an_account(Role.ADMIN, CITY)).post(way).status_code == 200
    assert supervisor.post(way).status_code == 403
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE identity_request SET approved_by_id = asked_by_id"))
    db.session.rollback()


def test_an_administrator_is_not_both_halves_by_a_clerk_whose_password_they_gave(number, town, phone_of):
    admin = an_account(Role.ADMIN, CITY)
    clerk = accounts.add_person(a_phone(), "值班员乙", password="given-by-admin-1",
                                roles=[Grant(Role.DESK, town.street)], by=admin)
    hand = phone_of(clerk)
    hand.post("/me/password", {"current_password": "given-by-admin-1", "new_password": "set-by-whom-1"})
    wish = hand.post(f"/cases/{number}/identity-requests", WHY).json
    way = f"/cases/{number}/identity-requests/{wish['id']}/approval"
    refused = phone_of(admin).post(way)
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/second-person-needed")
    assert phone_of(town.supervisor).post(way).status_code == 200


def test_a_wish_lapses_and_a_consent_counts_once(app, asked, town, phone_of):
    late = clock.now() + app.config["ORIGINAL_REQUEST_KEEP"] + timedelta(minutes=1)
    with clock.stopped(late):
        refused = phone_of(town.supervisor).post(f"{asked}/approval")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/request-lapsed")
    first = phone_of(town.supervisor).post(f"{asked}/approval").json
    second = phone_of(an_account(Role.ADMIN, CITY)).post(f"{asked}/approval").json
    assert (second["approved_at"], second["approved_by"]) == (first["approved_at"], first["approved_by"])


def test_of_two_who_agree_at_once_one_counts(app, asked, number, town, phone_of):
    people = (town.supervisor, an_account(Role.ADMIN, CITY, name="管理员甲"))
    answers = all_at_once(app, [(phone_of(who), f"{asked}/approval", {}) for who in people * 2])
    assert {each.status for each in answers} == {200}
    assert len({(each.json["approved_by"], each.json["approved_at"]) for each in answers}) == 1
    lines = phone_of(town.desk).get(f"/cases/{number}/events").json["items"]
    [agreed] = [each for each in lines if each["details"].get("step") == "approved"]
    assert agreed["by"] == answers[0].json["approved_by"]
    assert is_sound(app)


def test_whoever_loses_the_role_sees_nothing_any_more(asked, town, phone_of):
    phone_of(town.supervisor).post(f"{asked}/approval")
    admin = phone_of(an_account(Role.ADMIN, CITY))
    admin.post(f"/people/{town.desk.id}", {"roles": [{"role": "desk", "area": "360111002"}]}, method="PATCH")
    assert phone_of(town.desk).get(f"{asked}/identity").status_code == 404


def test_it_takes_a_reason_and_a_report_of_the_case(number, town, phone_of):
    desk = phone_of(town.desk)
    assert desk.post(f"/cases/{number}/identity-requests", {"reason": "好"}).status_code == 422
    wrong = WHY | {"report_id": str(town.resident.id)}
    assert desk.post(f"/cases/{number}/identity-requests", wrong).status_code == 404
    assert phone_of(town.manager).post(f"/cases/{number}/identity-requests", WHY).status_code == 403


def test_the_audit_finds_a_look_without_consent(app, asked, town, phone_of):
    phone_of(town.supervisor).post(f"{asked}/approval")
    phone_of(town.desk).get(f"{asked}/identity")
    assert is_sound(app)
    db.session.execute(text("UPDATE identity_request SET ends_at = approved_at"))
    db.session.commit()
    assert not is_sound(app)
