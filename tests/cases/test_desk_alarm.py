"""A case that finds nobody is never silent: a desk is told, or whoever stands above it, and the figure shows it."""

import pytest

from incident_service import accounts, cases
from incident_service.accounts import Role
from tests.factories import CITY, an_account

NOBODYS_PLACE = {"latitude": 28.6780}


@pytest.fixture
def admin(town):
    return an_account(Role.ADMIN, CITY)


def told(phone) -> list[str]:
    inbox = phone.get("/me/notifications").json["items"]
    return [each["case_number"] for each in inbox if each["kind"] == "unroutable"]


@pytest.mark.parametrize(("away", "heard_by"), [
    ((), "desk"), (("desk",), "supervisor"), (("desk", "supervisor"), "admin"),
    (("desk", "supervisor", "admin"), None)])
def test_the_nearest_who_can_act_is_told(town, admin, phone_of, run_jobs, away, heard_by):
    people = {"desk": town.desk, "supervisor": town.supervisor, "admin": admin}
    phones = {who: phone_of(person) for who, person in people.items() if who not in away}
    for who in away:
        accounts.deactivate(people[who].id, by=town.manager)
    number = phone_of(town.resident).report(**NOBODYS_PLACE).json["case_number"]
    run_jobs()
    assert {who: told(phone) for who, phone in phones.items()} == {
        who: [number] if who == heard_by else [] for who in phones}
    assert cases.waiting_at_desks() == {"unroutable": 1, "returned": 0}


def test_before_any_area_was_imported_a_case_waits_at_the_citys_desk(app, phone_of, run_jobs):
    desk = phone_of(an_account(Role.DESK, CITY))
    number = phone_of(an_account(Role.RESIDENT, CITY)).report().json["case_number"]
    run_jobs()
    assert told(desk) == [number]


def test_monitors_see_how_many_cases_wait_at_desks(client, town, phone_of, run_jobs):
    phone_of(town.resident).report(**NOBODYS_PLACE)
    run_jobs()
    lines = client.get("/metrics").get_data(as_text=True).splitlines()
    assert 'incident_cases_at_desk{status="unroutable"} 1.0' in lines
