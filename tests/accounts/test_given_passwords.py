"""A password that an administrator gave lets somebody in to set their own, and makes nobody a second person."""

from uuid import UUID

import pytest

from incident_service import accounts
from incident_service.accounts import Role, sign_in
from incident_service.accounts.commands import people_commands
from incident_service.foundation.database import db
from tests.accounts.test_people import DESK, STREET, admin, city_map, somebody  # noqa: F401
from tests.factories import a_phone, an_account

GIVEN, OWN = "given-by-admin-1", "only-mine-2021"


class Hand:
    """Somebody who signs in with what they know."""

    def __init__(self, client, phone: str, password: str = GIVEN):
        self.client, self.phone = client, phone
        entered = client.post("/api/v1/tokens", json={"phone": phone, "password": password})
        self.status = entered.status_code
        self.headers = {"Authorization": f"Bearer {entered.json.get('access_token', '')}"}

    def call(self, method: str, path: str, **body):
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=self.headers)


@pytest.fixture
def clerk(admin, client, city_map):  # noqa: F811
    """The account of a clerk whom an administrator gave a password, and their phone number."""
    phone = a_phone()
    added = admin.post("/people", somebody(DESK, phone=phone) | {"password": GIVEN})
    assert added.status_code == 201
    return phone, added.json["id"]


def proven(app, phone: str, monkeypatch):
    """Sign in by a code that was sent to the number."""
    monkeypatch.setattr("incident_service.accounts.codes.redeem", lambda number, code: code == "123456")
    return sign_in.by_code(accounts.normalise(phone), "123456", address=None)


def test_it_is_good_for_setting_another_one_and_for_nothing_else(clerk, client):
    hand = Hand(client, clerk[0])
    for method, path in (("GET", "/cases"), ("GET", "/me/notifications"), ("PATCH", "/me"), ("POST", "/me/export")):
        refused = hand.call(method, path)
        assert (refused.status_code, refused.json["type"]) == (403, "/problems/password-to-be-changed")
    assert hand.call("GET", "/me").status_code == 200
    same = hand.call("POST", "/me/password", current_password=GIVEN, new_password=GIVEN)
    assert (same.status_code, same.json["errors"][0]["pointer"]) == (422, "#/new_password")
    assert hand.call("POST", "/me/password", current_password=GIVEN, new_password=OWN).status_code == 204
    assert hand.call("GET", "/cases").status_code == 200
    assert (Hand(client, clerk[0]).status, Hand(client, clerk[0], OWN).status) == (401, 201)


def test_until_a_code_proves_them_the_phone_stays_and_what_others_may_know_ends_with_it(
        app, clerk, client, monkeypatch):
    phone, id = clerk
    hand = Hand(client, phone)
    hand.call("POST", "/me/password", current_password=GIVEN, new_password=OWN)
    moved = hand.call("PATCH", "/me", phone=a_phone(), code="123456", current_password=OWN)
    assert (moved.status_code, moved.json["errors"][0]["pointer"]) == (422, "#/phone")
    proven(app, phone, monkeypatch)
    assert hand.call("GET", "/cases").status_code == 401
    assert Hand(client, phone, OWN).status == 401
    db.session.expire_all()
    assert accounts.find(UUID(id)).hand == UUID(id)


def test_who_came_in_by_it_gives_no_passwords_before(app, admin, client, city_map, monkeypatch):  # noqa: F811
    phone = a_phone()
    admin.post("/people", somebody({"role": "admin", "area": STREET}, phone=phone) | {"password": GIVEN})
    hand = Hand(client, phone)
    hand.call("POST", "/me/password", current_password=GIVEN, new_password=OWN)
    refused = hand.call("POST", "/people", **somebody(DESK), password=GIVEN)
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/hand-unproven")
    assert hand.call("POST", "/people", **somebody(DESK)).status_code == 201
    hand.headers = {"Authorization": f"Bearer {proven(app, phone, monkeypatch).access_token}"}
    assert hand.call("POST", "/people", **somebody(DESK), password=GIVEN).status_code == 201


def test_made_at_the_console_nobody_let_them_in(app, client, city_map):  # noqa: F811
    phone = a_phone()
    made = app.test_cli_runner().invoke(people_commands, ["add", phone, "李四", "--role", "desk", "--area", STREET,
                                                          "--password", GIVEN])
    assert made.exit_code == 0, made.output
    assert Hand(client, phone).call("GET", "/cases").status_code == 200


def test_neither_who_let_somebody_in_nor_whom_they_let_in_too_is_their_second_person(app, monkeypatch):
    one, other = (an_account(Role.SUPERVISOR) for _ in range(2))
    given = [accounts.add_person(a_phone(), "值班员", password=GIVEN, by=one).id for _ in range(2)]
    apart = [(each, them) for each in (one.id, *given) for them in (one.id, *given)]
    assert not any(accounts.are_apart(*pair) for pair in apart)
    assert accounts.are_apart(given[0], other.id) and accounts.are_apart(one.id, other.id)
    proven(app, accounts.find(given[0]).phone, monkeypatch)
    assert [accounts.are_apart(given[0], each) for each in (one.id, given[1], given[0])] == [True, True, False]
