"""The categories a phone offers."""

import pytest
from flask.testing import FlaskClient

from incident_service import catalogue
from incident_service.accounts import Role
from tests.factories import Phone, an_account


@pytest.fixture
def phone(client: FlaskClient) -> Phone:
    return Phone(client, an_account(Role.RESIDENT))


def test_everybody_who_is_signed_in_sees_every_category(phone: Phone):
    answer = phone.get("/categories")
    assert answer.status_code == 200
    assert [item["code"] for item in answer.json["items"]] == [each.code for each in catalogue.categories()]
    assert answer.json["next_cursor"] is None


def test_a_category_says_how_grave_it_may_be_and_when_it_closes(phone: Phone):
    lane = phone.get("/categories").json["items"][0]
    assert (lane["code"], lane["name"], lane["major"]["name"]) == ("fire_lane", "消防通道占用", "消防安全")
    assert lane["filing_conditions"][0] == {"code": "occupied", "name": "车辆或杂物占用、堵塞消防通道", "limit": 2,
                                            "unit": "urgent_hours", "is_default": True}
    assert lane["closing_condition"] == "消防通道全段畅通，照片可见通道标线及周边"
    assert lane["duties"] == [{"part": "lead", "role": "officer", "kind": "traffic"},
                              {"part": "assist", "role": "grid_manager", "kind": None}]


def test_names_come_in_the_readers_language(phone: Phone):
    assert phone.get("/categories", **{"Accept-Language": "en"}).json["items"][0]["name"] == "Fire lane blocked"


def test_a_phone_that_has_them_is_told_so(phone: Phone):
    tag = phone.get("/categories").headers["ETag"]
    again = phone.get("/categories", **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert phone.get("/categories", **{"If-None-Match": tag, "Accept-Language": "en"}).status_code == 200


def test_a_stranger_is_asked_to_sign_in(client: FlaskClient):
    assert client.get("/api/v1/categories").status_code == 401
