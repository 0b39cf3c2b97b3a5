"""The demo town's latest cases, as anybody may see them."""

import pytest
from flask.testing import FlaskClient

from tests.factories import a_picture

WORDS = {"description": "<script>alert(1)</script> 我是王小明，电话 13812345678", "address": "3 栋 2 单元 501"}


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    """A case that was pushed to both responders."""
    number = phone_of(town.resident).report(**WORDS).json["case_number"]
    run_jobs()
    return number


def test_a_case_is_shown_with_its_status_times_and_areas(demo_client: FlaskClient, number: str):
    [case] = demo_client.get("/demo/latest-cases").json["items"]
    assert (case["number"], case["category_name"]) == (number, "消防通道占用")
    assert (case["status"], case["status_name"], case["is_overdue"]) == ("dispatched", "已派遣", False)
    assert len(case["areas"]) == 3
    assert case["opened_at"] <= case["pushed_at"]
    assert case["accepted_at"] is case["rectified_at"] is case["closed_at"] is None


def test_nobody_is_named_and_nobodys_words_are_repeated(demo_client: FlaskClient, number: str, town):
    for text in (demo_client.get("/demo/latest-cases").text, demo_client.get("/").text):
        for secret in (*WORDS.values(), "alert(1)", town.resident.name, town.officer.name, "13812345678", "latitude"):
            assert secret not in text


def test_the_page_shows_the_same_before_any_script_runs(demo_client: FlaskClient, number: str):
    page = demo_client.get("/?lang=en").text
    assert number in page
    assert "Fire lane blocked" in page
    assert '<p id="empty" class="empty" hidden>' in page


def test_who_has_the_latest_state_is_told_so_until_something_happens(demo_client, number, town, phone_of):
    tag = demo_client.get("/demo/latest-cases").headers["ETag"]
    held = {"If-None-Match": tag}
    assert demo_client.get("/demo/latest-cases", headers=held).status_code == 304
    assert demo_client.get("/demo/latest-cases?lang=en", headers=held).status_code == 200
    phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
    fresh = demo_client.get("/demo/latest-cases", headers=held)
    assert (fresh.status_code, fresh.json["items"][0]["status"]) == (200, "rectified")


def test_the_newest_case_stands_first_and_the_list_is_short(demo_client, town, phone_of):
    resident = phone_of(town.resident)
    numbers = [resident.report().json["case_number"] for _ in range(13)]
    shown = [case["number"] for case in demo_client.get("/demo/latest-cases").json["items"]]
    assert shown == numbers[:0:-1]


def test_a_case_in_no_grid_is_shown_without_areas(demo_client, town, phone_of, run_jobs):
    phone_of(town.resident).report(longitude=120.0, latitude=30.0)
    run_jobs()
    [case] = demo_client.get("/demo/latest-cases").json["items"]
    assert (case["status"], case["areas"]) == ("unroutable", [])
