"""Statements for a person, a centre and a community; the leaderboard of those who agreed."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from incident_service import points
from incident_service.accounts import Role
from incident_service.foundation import clock
from tests.factories import an_account
from tests.points.scenes import COMMUNITY, a_fund, a_reward, reverse, settings, somebody_with, thank

SPAN = "from=2020-01-01T00:00:00Z&to=2090-01-01T00:00:00Z"


def test_a_person_s_file_ends_with_their_balance(phone_of):
    person = somebody_with(30)
    phone = phone_of(person)
    phone.post("/redemptions", {"reward_id": str(a_reward().id), "quantity": 2})
    reverse(f"{person.id}/0")
    answer = phone.get("/me/points/statement.csv")
    assert answer.mimetype == "text/csv"
    head, *rows = csv.reader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert head == ["时间", "变动", "结余", "说明", "案卷", "状态"]
    assert [(row[1], row[2]) for row in rows] == [
        ("+10", "10"), ("+10", "20"), ("+10", "30"), ("-20", "10"), ("-10", "0")]
    assert rows[0][4] == str(person.id)
    assert "taken back" in phone.get("/me/points/statement.csv", **{"Accept-Language": "en"}).get_data(as_text=True)
    assert len(phone.get("/me/points/statement.csv?year=2020").get_data(as_text=True).splitlines()) == 1


def test_a_centre_s_statement_is_what_it_handed_over(phone_of):
    rice, desk = a_reward(price=5), phone_of(an_account(Role.DESK, COMMUNITY))
    buyer = phone_of(somebody_with(30))
    codes = [buyer.post("/redemptions", {"reward_id": str(rice.id), "quantity": 2}).json["code"] for _ in range(3)]
    for code in codes[:2]:
        desk.post(f"/redemptions/{code}/handover")
    said = desk.get(f"/centres/{rice.centre_id}/statement?{SPAN}").json
    assert said["items"] == [{"reward_id": str(rice.id), "reward_name": "大米 1 kg", "redemptions": 2, "quantity": 4,
                              "points": 20}]
    assert (said["quantity"], said["points"], said["waiting"], said["waiting_points"]) == (4, 20, 1, 10)
    lines = desk.get(f"/centres/{rice.centre_id}/statement.csv?{SPAN}").get_data(as_text=True).splitlines()
    assert lines[1] == "大米 1 kg,2,4,20"
    past = "from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z"
    assert desk.get(f"/centres/{rice.centre_id}/statement?{past}").json["items"] == []


def test_no_name_becomes_a_formula(phone_of):
    admin, reward = phone_of(an_account(Role.ADMIN, "3601")), a_reward()
    admin.post(f"/rewards/{reward.id}", {"name": "=1+1"}, method="PATCH")
    code = phone_of(somebody_with(10)).post("/redemptions", {"reward_id": str(reward.id)}).json["code"]
    desk = phone_of(an_account(Role.DESK, COMMUNITY))
    desk.post(f"/redemptions/{code}/handover")
    assert "'=1+1,1,1,10" in desk.get(f"/centres/{reward.centre_id}/statement.csv?{SPAN}").get_data(as_text=True)


def test_a_community_s_statement_adds_up(app, phone_of):
    a_fund(100)
    buyer = somebody_with(20)
    with settings(app, POINTS_OBJECTION_DAYS=3):
        thank(an_account(), "pending/1")
    thank(an_account(), "back/1")
    reverse("back/1")
    phone_of(buyer).post("/redemptions", {"reward_id": str(a_reward().id)})
    said = phone_of(an_account(Role.SUPERVISOR, COMMUNITY)).get(f"/points/communities/{COMMUNITY}/statement").json
    assert said == {"area_code": COMMUNITY, "year": points.this_year(), "earned": 40, "taken_back": 10, "pending": 10,
                    "settled": 20, "held": 0, "spent": 10, "expired": 0, "budget": 100, "fund_left": 70}
    assert said["earned"] == said["settled"] + said["pending"] + said["taken_back"]


@pytest.mark.parametrize("code", ["360102001002", "36010200100x", "3601%00", "3602"])
def test_what_is_no_community_of_theirs_is_not_found(phone_of, code):
    supervisor = phone_of(an_account(Role.SUPERVISOR, COMMUNITY))
    assert supervisor.get(f"/points/communities/{code}/statement").status_code == 404


def test_funds_are_set_by_the_administrator_and_read_by_supervisors(phone_of):
    admin, supervisor = phone_of(an_account(Role.ADMIN, "3601")), phone_of(an_account(Role.SUPERVISOR, "360102"))
    assert admin.post("/points/funds", {"area_code": COMMUNITY, "budget": 100}).json["left"] == 100
    thank(an_account())
    assert admin.post("/points/funds", {"area_code": COMMUNITY, "budget": 5}).json["given"] == 10
    fund, = supervisor.get("/points/funds").json["items"]
    assert (fund["budget"], fund["left"]) == (100, 90)
    assert phone_of(an_account(Role.SUPERVISOR, "360103")).get("/points/funds").json["items"] == []


@pytest.fixture
def neighbours(app):
    return [somebody_with(10 * n) for n in (1, 3, 3, 2)]


def test_only_those_who_agreed_are_shown_under_the_name_they_chose(phone_of, neighbours):
    phones = [phone_of(each) for each in neighbours]
    for phone, name in zip(phones, ("甲", "乙", "丙"), strict=False):
        assert phone.post("/me/points/leaderboard", {"name": name}).json == {"name": name}
    shown = phones[3].get("/points/leaderboard").json["items"]
    assert [(each["rank"], each["name"], each["points"]) for each in shown] == [
        (1, "丙", 30), (1, "乙", 30), (3, "甲", 10)]
    phones[1].post("/me/points/leaderboard", method="DELETE")
    assert phones[1].get("/me/points/leaderboard").json == {"name": None}
    assert [each["name"] for each in phones[3].get("/points/leaderboard").json["items"]] == ["丙", "甲"]
    last_month = clock.now() - timedelta(days=40)
    assert phones[3].get(f"/points/leaderboard?month={last_month:%Y-%m}").json["items"] == []


def test_a_name_is_one_person_s_and_can_be_changed(phone_of, neighbours):
    one, other = phone_of(neighbours[0]), phone_of(neighbours[1])
    one.post("/me/points/leaderboard", {"name": "好邻居"})
    assert other.post("/me/points/leaderboard", {"name": "好邻居"}).json["type"] == "/problems/leaderboard-name-taken"
    one.post("/me/points/leaderboard", {"name": "热心人"})
    assert other.post("/me/points/leaderboard", {"name": "好邻居"}).status_code == 200
    assert one.post("/me/points/leaderboard", {"name": " "}).status_code == 422
