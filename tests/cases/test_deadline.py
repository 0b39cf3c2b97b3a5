"""A deadline explains itself: what was counted, what was skipped, by which calendar and which rules."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from incident_service import catalogue
from incident_service.accounts import Role
from incident_service.foundation import clock
from tests.factories import CITY, an_account

CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def pushed_on_the_eve(town, phone_of, run_jobs):
    """A case with a limit in working days that is pushed at this local time, as the desk reads it."""
    def report(at: str, category: str = "fire_equipment") -> dict:
        with clock.stopped(datetime.fromisoformat(at).replace(tzinfo=CHINA)):
            number = phone_of(town.resident).report(category=category).json["case_number"]
            run_jobs()
            return phone_of(town.desk).get(f"/cases/{number}", **{"Accept-Language": "en"}).json

    return report


def test_a_deadline_says_what_was_counted_and_what_was_skipped(pushed_on_the_eve):
    case = pushed_on_the_eve("2026-02-14T17:30")
    deadline = case["deadline"]
    assert deadline["due_at"] == case["due_at"]
    assert (deadline["limit"], deadline["unit"]) == (1, "working_days")
    step, = deadline["steps"]
    assert (step["because"], step["starts_at"]) == ("dispatch", case["pushed_at"])
    assert (step["slots"], step["working_minutes"], step["weekend_days"], step["make_up_days"]) == (3, 480, 0, 1)
    assert step["holidays"] == [{"name": "春节", "days": 9}]
    assert deadline["rules_version"] == catalogue.version()
    assert deadline["calendar_version"] == catalogue.calendar().version
    assert deadline["is_by_present_calendar"]
    assert deadline["text"][0].startswith(
        "from 2026-02-14 17:30, 1 working days, in working time alone: due 2026-02-24 17:30, "
        "3 slots and 480 minutes counted, skipped: 春节 (9 d), 1 made-up days worked; calendar ")


def test_an_urgent_deadline_skips_nothing(pushed_on_the_eve):
    deadline = pushed_on_the_eve("2026-02-14T17:30", "fire_lane")["deadline"]
    assert "slots" not in deadline["steps"][0]
    assert "2 hours, through nights and holidays: due 2026-02-14 19:30;" in deadline["text"][0]


def test_a_deadline_in_a_year_not_published_is_marked(pushed_on_the_eve):
    deadline = pushed_on_the_eve("2026-12-31T17:00")["deadline"]
    assert deadline["is_provisional"]
    assert "not published yet" in deadline["text"][0]


def test_a_deadline_keeps_the_calendar_it_was_reckoned_by_and_says_so(pushed_on_the_eve, town, phone_of):
    before = pushed_on_the_eve("2026-12-31T17:00")
    desk = phone_of(town.desk)
    tag = desk.get(f"/cases/{before['number']}").headers["ETag"]
    phone_of(an_account(Role.ADMIN, CITY)).post("/calendar/2027", {
        "holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"}], "make_up": [], "source": "通知"},
        method="PUT")
    after = desk.get(f"/cases/{before['number']}", **{"If-None-Match": tag})
    assert after.status_code == 200
    assert after.json["due_at"] == before["due_at"]
    assert after.json["deadline"]["calendar_version"] == before["deadline"]["calendar_version"]
    assert not after.json["deadline"]["is_by_present_calendar"]


def test_before_the_push_there_is_no_deadline(town, phone_of):
    number = phone_of(town.resident).report().json["case_number"]
    assert phone_of(town.desk).get(f"/cases/{number}").json["deadline"] is None
