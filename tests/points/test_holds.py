"""Held points are decided once, by a supervisor of their area, and are in no balance before."""

import threading
from uuid import UUID

import pytest

from incident_service import accounts, points
from incident_service.accounts import Role
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.points import HeldBecause, Reason
from incident_service.points.holds import HoldDecided
from tests.factories import an_account

STREET = "360102001"
NAME = both("消防通道占用 · 首报", "Fire lane · first report")


def hold(person, reference="20261120-AAAAAAAA/1", *, because=("looks_alike",)):
    with transaction():
        return points.award(
            person.id, reason=Reason.FIRST_REPORT, reference=reference, category="fire_lane", fund=STREET,
            because=NAME, area_code=STREET, shown_as=both("居民-A1B2C3", "resident-A1B2C3"),
            held_because=[HeldBecause(code, both("雷同", "Alike")) for code in because])


@pytest.fixture
def resident(app):
    return an_account(Role.RESIDENT)


@pytest.fixture
def supervisor(app, phone_of):
    return phone_of(an_account(Role.SUPERVISOR, "3601"))


@pytest.fixture
def held(resident, supervisor):
    hold(resident)
    return supervisor.get("/points/holds").json["items"][0]["id"]


def test_released_points_are_given_once(resident, supervisor, held):
    assert points.of(resident.id) == (0, 10)
    answers = [supervisor.post(f"/points/holds/{held}/release", {"note": "同一地点再次发生"}) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[1].json["decision"] == "released"
    assert points.of(resident.id) == (10, 0)
    assert points.reconcile().faults == []


def test_refused_points_are_never_given_and_a_reason_is_needed(resident, supervisor, held):
    assert supervisor.post(f"/points/holds/{held}/refusal", {}).status_code == 422
    assert supervisor.post(f"/points/holds/{held}/refusal", {"note": ""}).status_code == 422
    assert supervisor.post(f"/points/holds/{held}/refusal", {"note": "盗用他人照片"}).json["note"] == "盗用他人照片"
    assert supervisor.post(f"/points/holds/{held}/release").status_code == 409
    assert points.of(resident.id) == (0, 0)
    assert hold(resident, because=()) is False
    assert points.of(resident.id) == (0, 0)


def test_holding_twice_holds_once(resident, supervisor):
    hold(resident)
    hold(resident, because=("same_file", "looks_alike"))
    assert points.of(resident.id) == (0, 10)


def test_nobody_decides_about_their_own(phone_of):
    both_at_once = an_account(Role.SUPERVISOR, "3601")
    hold(both_at_once)
    phone = phone_of(both_at_once)
    held, = phone.get("/points/holds").json["items"]
    assert phone.post(f"/points/holds/{held['id']}/release").status_code == 409
    assert points.of(both_at_once.id) == (0, 10)


@pytest.mark.parametrize(("area", "sees"), [("3601", True), (STREET, True), ("360102002", False), ("3602", False)])
def test_only_supervisors_of_the_area_see_and_decide(held, phone_of, area, sees):
    phone = phone_of(an_account(Role.SUPERVISOR, area))
    assert bool(phone.get("/points/holds").json["items"]) is sees
    assert phone.post(f"/points/holds/{held}/release").status_code == (200 if sees else 404)


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.DESK, Role.GRID_MANAGER, Role.ADMIN])
def test_no_other_role_does(held, phone_of, role):
    phone = phone_of(an_account(role, "3601"))
    assert phone.get("/points/holds").status_code == 403
    assert phone.post(f"/points/holds/{held}/release").status_code == 403


def test_the_list_says_what_waits_and_what_was_decided(resident, supervisor, held):
    hold(resident, "20261120-BBBBBBBB/1")
    supervisor.post(f"/points/holds/{held}/release")
    waiting, = supervisor.get("/points/holds?open=true").json["items"]
    decided, = supervisor.get("/points/holds?open=false").json["items"]
    assert (waiting["case_number"], decided["case_number"]) == ("20261120-BBBBBBBB", "20261120-AAAAAAAA")
    assert waiting["because"] == [{"code": "looks_alike", "text": "雷同"}]
    assert (waiting["owner"], decided["decision"]) == ("居民-A1B2C3", "released")


def test_supervisors_who_decide_at_once_settle_it_once(app, resident, held):
    people = [an_account(Role.SUPERVISOR, "3601").id for _ in range(6)]
    db.session.rollback()
    outcome = []

    def decide(place, by):
        with app.app_context():
            try:
                verb = points.release if place % 2 else points.refuse
                outcome.append(verb(UUID(held), by=accounts.find(by), note="同时").decision)
            except HoldDecided:
                outcome.append("refused by the other")

    threads = [threading.Thread(target=decide, args=each) for each in enumerate(people)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(outcome) == 6
    assert outcome.count("refused by the other") == 3
    assert len(set(outcome)) == 2
    assert points.of(resident.id) == ((10, 0) if "released" in outcome else (0, 0))
