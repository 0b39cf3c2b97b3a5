"""A resident fetches all that is kept about them, and has their account removed."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from config.jobs import JOBS
from incident_service import accounts, cases, points
from incident_service.accounts import Grant, Role
from incident_service.cases.commands import cases_commands
from incident_service.cases.retention.removal import StillServing
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.transaction import transaction
from incident_service.points.models import Hold
from tests.factories import CITY, a_picture, an_account

PASSWORD = "correct horse battery"
WHY = "照片疑似伪造，需联系本人核实"
SAID = "消防通道被占，请尽快"


@pytest.fixture
def lodger(town, phone_of):
    """A resident with a password, whose case is open and pushed."""
    return an_account(Role.RESIDENT, CITY, name="居民丙", password=PASSWORD)


@pytest.fixture
def number(lodger, phone_of, run_jobs) -> str:
    reported = phone_of(lodger).report(a_picture(3), description=SAID).json["case_number"]
    run_jobs()
    return reported


def everything(phone, run_jobs) -> ZipFile:
    asked = phone.post("/me/export")
    assert (asked.status_code, asked.json["state"]) == (202, "waiting")
    run_jobs()
    ready = phone.get(f"/exports/{asked.json['id']}").json
    assert (ready["state"], ready["done"]) == ("ready", ready["total"])
    return ZipFile(BytesIO(phone.get(f"/exports/{ready['id']}/file").data))


def test_it_is_all_there_as_it_was_sent(lodger, number, town, phone_of, run_jobs):
    file = everything(phone_of(lodger), run_jobs)
    [report] = json.loads(file.read("tables/report.json"))
    assert (report["description"], report["longitude"]) == (SAID, 115.93)
    [person] = json.loads(file.read("tables/account.json"))
    assert (person["name"], person["phone"]) == (lodger.name, lodger.phone)
    assert json.loads(file.read("tables/sign_in.json"))
    [photo] = [name for name in file.namelist() if name.startswith("photos/")]
    assert file.read(photo) == a_picture(3)
    assert json.loads(file.read("points.json")) == []


def test_it_waits_neither_behind_a_list_of_the_city_nor_before_pictures(lodger, number, phone_of, run_jobs):
    phone = phone_of(lodger)
    asked = phone.post("/me/export").json
    [job] = db.session.scalars(select(Promise.job)).all()
    assert JOBS[job].queue == "exports"                             # whose worker may be at a list for an hour
    assert cases.make_own_data_that_waits() == 0
    with clock.stopped(clock.now() + timedelta(seconds=11)):
        assert [cases.make_own_data_that_waits(), cases.make_own_data_that_waits()] == [1, 0]
    ready = phone.get(f"/exports/{asked['id']}").json
    assert ready["state"] == "ready"
    run_jobs()                                                      # the worker is back
    assert phone.get(f"/exports/{asked['id']}").json == ready


def test_beyond_what_one_file_may_hold_there_are_the_copies_that_are_shown(app, lodger, number, phone_of, run_jobs):
    phone, latest = phone_of(lodger), a_picture(4)
    phone.report(latest)
    run_jobs()
    before, app.config["OWN_DATA_ORIGINALS_BYTES_MAX"] = app.config["OWN_DATA_ORIGINALS_BYTES_MAX"], len(latest)
    file = everything(phone, run_jobs)
    app.config["OWN_DATA_ORIGINALS_BYTES_MAX"] = before
    first, second = (name for name in file.namelist() if name.startswith("photos/"))
    assert file.read(first) == latest and second.endswith("-screen.jpg")


def test_a_wish_to_open_who_somebody_is_shows_once_it_was_opened(app, lodger, number, town, phone_of, run_jobs):
    desk, supervisor = phone_of(town.desk), phone_of(town.supervisor)
    wish = desk.post(f"/cases/{number}/identity-requests", {"reason": WHY}).json["id"]
    assert json.loads(everything(phone_of(lodger), run_jobs).read("tables/identity_request.json")) == []
    assert supervisor.post(f"/cases/{number}/identity-requests/{wish}/approval").status_code == 200
    assert desk.get(f"/cases/{number}/identity-requests/{wish}/identity").status_code == 200
    with clock.stopped(clock.now() + app.config["EXPORT_KEEP"]):
        later = phone_of(lodger)
        [opened] = json.loads(everything(later, run_jobs).read("tables/identity_request.json"))
    assert opened["reason"] == WHY


def test_what_the_guard_weighed_is_withheld(lodger, number, app, phone_of, run_jobs):
    hold = {"person_id": lodger.id, "shown_as_zh": "", "shown_as_en": "", "fund": "360111001001",
            "area_code": "360111001001", "amount": 5, "reason": "report", "reference": f"{number}/1",
            "explanation_zh": "", "explanation_en": "", "note": "同伙",
            "because": [{"code": "pair", "zh": "搭档", "en": ""}]}
    with transaction():
        db.session.add(Hold(**hold))
    [kept] = json.loads(everything(phone_of(lodger), run_jobs).read("tables/points_hold.json"))
    assert kept["amount"] == 5
    assert {"because", "note", "place"}.isdisjoint(kept)


def test_nobody_else_is_in_it_and_no_secret(lodger, number, town, phone_of, run_jobs):
    phone_of(town.supervisor).post(f"/cases/{number}/reporter-suspensions", {"reason": "spam", "note": "重复"})
    file = everything(phone_of(lodger), run_jobs)
    words = "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".json"))
    for other in (town.supervisor, town.officer, town.manager, town.desk):
        for secret in (other.name, other.phone, str(other.id)):
            assert secret not in words, secret
    assert "password_hash" not in words
    assert "argon2" not in words
    assert json.loads(file.read("tables/reporter_suspension.json"))[0]["note"] == "重复"


def test_only_oneself_fetches_it_and_asking_twice_is_once(lodger, number, town, phone_of, run_jobs):
    phone = phone_of(lodger)
    first, second = phone.post("/me/export").json, phone.post("/me/export").json
    assert first["id"] == second["id"]
    assert phone.post("/me/export", **{"Accept-Language": "en"}).json["id"] == first["id"]      # it speaks both
    run_jobs()
    assert phone_of(town.supervisor).get(f"/exports/{first['id']}/file").status_code == 404


def test_who_is_removed_is_forgotten_and_the_open_case_goes_on(
        app, lodger, number, town, client, phone_of, run_jobs):
    phone, desk, called, known_by = phone_of(lodger), phone_of(town.desk), lodger.name, lodger.phone
    gone_id = lodger.id
    pseudonym = desk.get(f"/cases/{number}").json["reports"][0]["reporter"]
    everything(phone, run_jobs)
    phone.post("/me", {"name": called}, method="PATCH")
    phone.post("/me/points/leaderboard", {"name": f"{called}好邻居"}, **{"Idempotency-Key": "shown"})
    wrong = phone.post("/me/removal", {"current_password": "wrong"})
    assert (wrong.status_code, phone.post("/me/removal").status_code) == (422, 422)
    sure = {"current_password": PASSWORD}
    assert phone.post("/me/removal", sure, **{"Idempotency-Key": "removed"}).status_code == 204
    assert phone.get("/me").status_code == 401
    again = client.post("/api/v1/tokens", json={"phone": known_by, "password": PASSWORD})
    assert again.status_code == 401
    tables = (row for table in db.metadata.sorted_tables for row in db.session.execute(table.select()))
    kept = "".join(map(str, tables))
    assert called not in kept
    assert known_by not in kept
    assert desk.get(f"/cases/{number}").json["reports"][0]["reporter"] == pseudonym
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    assert phone_of(town.manager).post(f"/cases/{number}/closure").status_code == 200
    run_jobs()
    assert points.of(lodger.id).balance == 0                                # whoever has left is thanked no more
    assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0
    assert an_account(Role.RESIDENT, CITY, phone=known_by).id != gone_id


def test_points_given_before_stay_in_the_ledger_and_expire_with_their_year(
        app, lodger, number, town, phone_of, run_jobs):
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    phone_of(town.manager).post(f"/cases/{number}/closure")
    run_jobs()
    had = points.of(lodger.id)
    assert had.balance + had.pending > 0
    assert phone_of(lodger).post("/me/removal", {"current_password": PASSWORD}).status_code == 204
    assert points.of(lodger.id) == had
    assert app.test_cli_runner().invoke(cases_commands, ["audit"]).exit_code == 0


def test_who_works_for_the_city_is_let_go_first(town, phone_of):
    clerk = an_account(Role.DESK, town.street, password=PASSWORD)
    refused = phone_of(clerk).post("/me/removal", {"current_password": PASSWORD})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/account-still-serving")
    assert accounts.find(clerk.id).is_active


def test_whoever_was_taken_on_a_moment_ago_is_not_removed(lodger, town):
    with transaction():
        accounts.find(lodger.id).grant([Grant(Role.DESK, town.street)])
    with pytest.raises(StillServing):
        cases.remove_account(by=lodger)                                     # as it was when the call began
    assert accounts.find(lodger.id).is_active
