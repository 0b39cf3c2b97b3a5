"""Supervisors ask over HTTP."""

from datetime import timedelta

import pytest

from incident_service.accounts import Grant, Role
from incident_service.foundation import clock
from tests.factories import Phone, an_account
from tests.supervision.past import GRID, MORNING, a_past_case, a_supervisor, given

ASKED = "/supervision/response-times?from=2026-11-10&to=2026-11-11"
TIMES = {"p50", "p90", "p95", "mean", "cases", "sample"}


@pytest.fixture
def phone(client):
    return Phone(client, a_supervisor("3601"))


def test_the_answer_has_the_shape_that_was_promised(phone):
    a_past_case(pushed=3, accepted=60, rectified=600, closed=900, due=7200)
    answer = phone.get(f"{ASKED}&group_by=category")
    assert answer.status_code == 200
    body = answer.json
    assert (body["from"], body["to"]) == ("2026-11-09T16:00:00+00:00", "2026-11-10T16:00:00+00:00")
    assert (body["group_by"], set(body)) == ("category", {
        "from", "to", "group_by", "items", "total", "left_out", "exactness", "what_counts"})
    item, = body["items"]
    assert (item.pop("key"), item.pop("name")) == ("fire_lane", "消防通道占用")
    assert item.pop("cases_url") != body["total"].pop("cases_url")
    assert item == body["total"]
    assert item["to_rectify"] == dict.fromkeys(("p50", "p90", "p95", "mean"), 600.0) | {"cases": 1, "sample": "small"}
    assert {name for name, value in item.items() if value == 1} == {"cases", "closed", "within_limit"}
    assert all(set(item[name]) == TIMES for name in ("to_dispatch", "to_accept", "to_rectify", "to_close"))


def test_names_come_in_the_readers_language(phone):
    a_past_case(area="360111001", category="fire_lane")
    english = {"Accept-Language": "en"}
    assert phone.get(f"{ASKED}&group_by=category", **english).json["items"][0]["name"] == "Fire lane blocked"
    assert phone.get(f"{ASKED}&group_by=area:grid", **english).json["items"][0] | {"key": None} == \
        phone.get(f"{ASKED}&group_by=area:grid").json["items"][0] | {"name": "in no such area"}


def test_areas_have_their_names(phone, town):
    a_past_case(area=town.grid, beat=town.beat)
    found = [phone.get(f"{ASKED}&group_by=area:{layer}").json["items"][0] for layer in ("district", "street", "beat")]
    assert [(item["key"], item["name"]) for item in found] == [
        (path.code, path.name) for path in town.place.path[1:3]] + [(town.beat, found[2]["name"])]
    assert found[2]["name"].endswith("责任区")


def test_without_a_question_the_last_thirty_days_are_told(phone):
    now = clock.now()
    a_past_case(opened=now - timedelta(days=29)), a_past_case(opened=now - timedelta(days=31))
    body = phone.get("/supervision/response-times").json
    assert (body["total"]["cases"], body["items"], body["group_by"]) == (1, [], None)


@pytest.mark.parametrize("moment", [
    "2026-11-10T09:00:00%2B08:00", "2026-11-10T09:00:00+08:00", "2026-11-10T01:00:00Z", "2026-11-10T01:00:00.000000Z"])
def test_a_moment_may_be_written_in_any_zone(phone, moment):
    a_past_case(opened=MORNING)
    body = phone.get(f"/supervision/response-times?from={moment}&to=2026-11-11").json
    assert (body["from"], body["total"]["cases"]) == ("2026-11-10T01:00:00+00:00", 1)


@pytest.mark.parametrize(("question", "pointer"), [
    ("from=2026-11-11&to=2026-11-10", "#/from"), ("from=2026-11-10&to=2026-11-10", "#/from"),
    ("from=2015-01-01&to=2026-01-01", "#/from"), ("from=2199-01-01", "#/from"),
    ("from=yesterday", "#/from"), ("to=2026-11-10T09:00:00", "#/to"), ("to=2026-02-30", "#/to"), ("from=", "#/from"),
    ("from=0001-01-01T00:00:00%2B08:00", "#/from"), ("to=9999-12-31T23:59:59-08:00", "#/to"), ("to=0000-01-01", "#/to"),
    ("from=%00", "#/from"), ("from=२०२६-११-१०", "#/from"),
    ("group_by=weather", "#/group_by"), ("group_by=area", "#/group_by"), ("area=3601%25", "#/area"),
    ("town=3601", "#/town"), ("hours=24", "#/hours"), ("hours=8-x", "#/hours"), ("weekdays=0", "#/weekdays"),
    ("weekdays=5-3", "#/weekdays"), ("responder=me", "#/responder"), ("role=desk", "#/role"),
    ("category=%00", "#/category"),
])
def test_what_cannot_be_answered_is_refused_with_its_place(phone, question, pointer):
    answer = phone.get(f"/supervision/response-times?{question}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("path", ["/supervision/response-times", "/supervision/overdue"])
@pytest.mark.parametrize("role", Role)
def test_only_supervisors_ask(client, path, role):
    answer = Phone(client, an_account(role, "3601", kind="traffic" if role is Role.OFFICER else None)).get(path)
    assert answer.status_code == (200 if role is Role.SUPERVISOR else 403)


@pytest.mark.parametrize("path", ["/supervision/response-times", "/supervision/overdue"])
def test_a_stranger_is_asked_to_sign_in(client, path):
    assert client.get(f"/api/v1{path}").status_code == 401


def test_another_role_in_the_city_does_not_widen_a_supervisors_view(client):
    account = a_supervisor(GRID[:9], besides=[Grant(Role.DESK, "3601")])
    a_past_case(area="360111002001001")
    assert Phone(client, account).get(ASKED).json["total"]["cases"] == 0


def test_who_is_overdue_is_said_by_name_and_the_reporter_is_not(phone):
    officer = an_account(name="交警甲")
    case = a_past_case(opened=clock.now() - timedelta(hours=3), pushed=1, due=3600)
    given(case, officer.id, accepted=60)
    item, = phone.get("/supervision/overdue").json["items"]
    assert (item["number"], item["category_name"], item["area_code"]) == (case.number, "消防通道占用", GRID)
    assert 7100 < item["overdue_s"] < 7300
    held, = item["responders"]
    assert (held["name"], held["part"], held["seen_at"]) == ("交警甲", "lead", None)
    assert not any("reporter" in name for name in item)
