"""The working calendar is data: read by everybody, changed by the city's administrators, kept version by version."""

from datetime import timedelta

import pytest

from incident_service import catalogue
from incident_service.accounts import Role
from incident_service.catalogue import Unit
from incident_service.catalogue.categories import FilingCondition
from incident_service.foundation import clock
from incident_service.foundation.words import both
from tests.factories import CITY, Phone, an_account

NEW_YEAR = {"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-01-04"}], "make_up": ["2027-01-09"],
            "source": "国务院办公厅关于2027年部分节假日安排的通知"}
WORKING_DAY = FilingCondition("a", both("甲", "a"), 1, Unit.WORKING_DAYS, is_default=True, source="a test")


@pytest.fixture
def admin(app, phone_of) -> Phone:
    return phone_of(an_account(Role.ADMIN, CITY))


def due(start: str) -> str:
    """When a limit of one working day ends that starts at this local time."""
    zone = catalogue.calendar().zone
    begun = clock.datetime.fromisoformat(start).replace(tzinfo=zone)
    return catalogue.rectify_due_at(WORKING_DAY, begun).astimezone(zone).isoformat(timespec="minutes")[:16]


def test_a_year_that_nobody_published_says_so_and_counts_by_its_weekdays(admin):
    year = admin.get("/calendar/2027").json
    assert (year["is_provisional"], year["revision"], year["holidays"]) == (True, 0, [])
    assert [each["year"] for each in admin.get("/calendar").json["years"]] == [2025, 2026]
    assert due("2026-12-31T14:00") == "2027-01-01T12:00"


def test_a_year_out_of_bounds_is_not_there_for_any_method(admin):
    for method in ("GET", "PUT", "DELETE"):
        assert admin.post("/calendar/2101", NEW_YEAR, method=method).status_code == 404
    assert admin.post("/calendar/2027", NEW_YEAR, method="DELETE").status_code == 405


def test_a_published_year_counts_from_the_moment_it_is_entered(admin, phone_of):
    before = admin.get("/calendar")
    changed = admin.post("/calendar/2027", NEW_YEAR, method="PUT")
    assert (changed.status_code, changed.json["is_provisional"], changed.json["revision"]) == (200, False, 1)
    assert due("2026-12-31T14:00") == "2027-01-05T12:00"
    assert due("2027-01-08T14:00") == "2027-01-09T12:00"
    after = admin.get("/calendar")
    assert after.json["version"] == f"{before.json['version']}-1"
    assert after.headers["ETag"] != before.headers["ETag"]
    resident = phone_of(an_account(Role.RESIDENT))
    assert resident.get("/calendar/2027").json["source"] == NEW_YEAR["source"]


def test_two_administrators_do_not_write_over_each_other(admin):
    seen = admin.get("/calendar/2027").headers["ETag"]
    assert admin.post("/calendar/2027", NEW_YEAR, method="PUT", **{"If-Match": seen}).status_code == 200
    stale = admin.post("/calendar/2027", NEW_YEAR, method="PUT", **{"If-Match": seen})
    assert (stale.status_code, stale.json["current_version"]) == (412, 1)
    fresh = admin.get("/calendar/2027").headers["ETag"]
    assert admin.post("/calendar/2027", NEW_YEAR, method="PUT", **{"If-Match": fresh}).json["revision"] == 2
    other_year = admin.get("/calendar/2028").headers["ETag"]
    assert admin.post("/calendar/2028", {**NEW_YEAR, "holidays": [], "make_up": []}, method="PUT",
                      **{"If-Match": other_year}).json["revision"] == 3


def test_the_slots_of_a_day_may_be_changed(admin):
    assert due("2026-11-23T08:00") == "2026-11-23T18:00"
    summer = {"slots": [{"from": "09:00", "to": "12:00"}, {"from": "15:00", "to": "18:00"}], "source": "夏季作息"}
    assert admin.post("/calendar/slots", summer, method="PUT").json == {**summer, "revision": 1}
    assert admin.get("/calendar/slots").json["slots"] == summer["slots"]
    assert due("2026-11-23T08:00") == "2026-11-23T18:00"
    assert due("2026-11-23T11:00") == "2026-11-24T11:00"


@pytest.mark.parametrize(("wrong", "pointer"), [
    ({"holidays": [{"name": "元旦", "from": "2026-12-31", "to": "2027-01-01"}]}, "#/holidays"),
    ({"holidays": [{"name": "元旦", "from": "2027-01-03", "to": "2027-01-01"}]}, "#/holidays"),
    ({"holidays": [{"name": "元旦", "from": "2027-01-01", "to": "2027-03-01"}]}, "#/holidays"),
    ({"make_up": ["2027-01-08"]}, "#/make_up"),
    ({"make_up": ["2028-01-08"]}, "#/make_up"),
    ({"make_up": ["2027-01-02"]}, "#/make_up"),
    ({"source": ""}, "#/source"),
    ({"holidays": [{"name": "元旦", "from": "tomorrow", "to": "2027-01-01"}]}, "#/holidays/0/from"),
])
def test_an_arrangement_that_cannot_be_is_refused_and_nothing_changes(admin, wrong, pointer):
    answer = admin.post("/calendar/2027", NEW_YEAR | wrong, method="PUT")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert admin.get("/calendar/2027").json["revision"] == 0


@pytest.mark.parametrize("slots", [
    [], [{"from": "12:00", "to": "08:00"}], [{"from": "08:00", "to": "12:00"}, {"from": "11:00", "to": "18:00"}],
    [{"from": "25:00", "to": "26:00"}], [{"from": "08:00:30", "to": "12:00"}]])
def test_slots_that_cannot_be_are_refused(admin, slots):
    assert admin.post("/calendar/slots", {"slots": slots, "source": "x"}, method="PUT").status_code == 422


def test_a_street_s_administrator_does_not_keep_the_city_s_calendar(app, phone_of):
    street = phone_of(an_account(Role.ADMIN, "360111001"))
    answer = street.post("/calendar/2027", NEW_YEAR, method="PUT")
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/calendar-not-yours")


def test_an_earlier_version_can_be_laid_out_again(admin):
    for holidays in ([], NEW_YEAR["holidays"]):
        admin.post("/calendar/2027", {**NEW_YEAR, "holidays": holidays}, method="PUT")
    assert due("2026-12-31T14:00") == "2027-01-05T12:00"
    with clock.stopped(clock.now() + timedelta(days=1)):
        assert catalogue.calendar().version.endswith("-2")
