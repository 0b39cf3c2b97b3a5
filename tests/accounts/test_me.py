"""What people see and change about themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from incident_service import accounts
from incident_service.accounts import Role, own, tokens
from incident_service.accounts.models import SignIn, SignInMethod
from incident_service.accounts.tokens import SignInOver
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import Phone, a_phone, an_account

PASSWORD, BETTER = "linli-demo-2021", "nangang-2022-天气"


@pytest.fixture
def me(client):
    return Phone(client, an_account(Role.GRID_MANAGER, "360102001001001", phone="13912340001", password=PASSWORD))


@pytest.fixture
def code_for(me, letterbox, run_jobs):
    def code_for(phone):
        me.client.post("/api/v1/login-codes", json={"phone": phone})
        run_jobs()
        return letterbox.last

    return code_for


@pytest.fixture
def gets_in(client):
    return lambda password: client.post(
        "/api/v1/tokens", json={"phone": "13912340001", "password": password}).status_code == 201


def change(me, **body):
    return me.post("/me", body, method="PATCH")


def test_people_see_themselves_with_a_masked_number(me):
    assert me.get("/me").json == {
        "id": str(me.account.id), "name": "某人", "phone": "139****0001", "areas": ["360102001001001"],
        "roles": [{"role": "grid_manager", "kind": None, "area": "360102001001001"}],
    }


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"},
                                    {"Authorization": "Bearer nobody"}])
def test_nobody_is_seen_without_a_token(client, header):
    for path, method in (("/me", "GET"), ("/me", "PATCH"), ("/me/password", "POST"), ("/tokens/current", "DELETE")):
        answer = client.open(f"/api/v1{path}", method=method, headers=header, data="{not even json")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_people_choose_their_name(me):
    assert change(me, name="网格员乙").json["name"] == "网格员乙"
    assert me.get("/me").json["name"] == "网格员乙"
    assert change(me, name="").status_code == 422
    assert change(me, name="x" * 65).status_code == 422


def test_a_new_phone_needs_a_code_sent_to_it(me, code_for):
    phone = a_phone()
    assert change(me, phone=phone).json["errors"][0]["pointer"] == "#/code"
    old = code_for("13912340001")
    assert change(me, phone=phone, code=old).json["errors"][0]["pointer"] == "#/code"
    answer = change(me, phone=phone, code=code_for(phone))
    assert answer.status_code == 200
    assert answer.json["phone"] == accounts.mask(f"+86{phone}")


def test_a_new_phone_ends_all_other_sign_ins(me, client, code_for):
    elsewhere, phone = Phone(client, me.account), a_phone()
    assert change(me, phone="13912340001", code=code_for("13912340001")).status_code == 200
    assert elsewhere.get("/me").status_code == 200
    assert change(me, phone=phone, code=code_for(phone)).status_code == 200
    assert me.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 401


@pytest.mark.parametrize(("body", "status"), [
    ({}, 422), ({"current_password": "wrong"}, 422), ({"current_password": PASSWORD}, 200),
])
def test_a_token_alone_does_not_take_the_account_to_another_phone(me, code_for, body, status):
    phone = a_phone()
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        answer = change(me, phone=phone, code=code_for(phone), **body)
        assert answer.status_code == status
        if status == 422:
            assert answer.json["errors"][0]["pointer"] == "#/current_password"
            assert me.get("/me").json["phone"] == "139****0001"
        assert change(me, name="仍可改名").status_code == 200


def test_whoever_came_in_by_a_code_just_now_moves_to_another_phone_without_a_password(me, code_for):
    phone = a_phone()
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        me.headers = {"Authorization": f"Bearer {tokens.start(me.account, SignInMethod.CODE).access_token}"}
        assert change(me, phone=phone, code=code_for(phone)).status_code == 200


def test_guessing_the_password_for_a_new_phone_is_slowed_down_too(me, settings, code_for):
    settings["SIGN_IN_LIMIT_PER_PHONE"] = "2 per 5 minutes"
    phone = a_phone()
    body = {"phone": phone, "code": code_for(phone)}
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        assert [change(me, **body).status_code for _ in range(3)] == [422] * 3
        guesses = [change(me, **body, current_password="wrong").status_code for _ in range(3)]
    assert guesses == [422, 422, 429]


def test_a_wrong_code_changes_nothing_and_costs_a_try(me, code_for):
    phone = a_phone()
    code = code_for(phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert change(me, phone=phone, code=wrong, name="别人").status_code == 422
    assert change(me, phone=phone, code=code).status_code == 422
    assert me.get("/me").json["name"] == "某人"


def test_a_number_in_use_is_not_given_to_another(me, code_for):
    phone = a_phone()
    an_account(phone=phone)
    answer = change(me, phone=phone, code=code_for(phone))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/phone-taken")
    assert me.get("/me").json["phone"] == "139****0001"


def test_a_new_password_ends_all_other_sign_ins(me, client, gets_in):
    elsewhere = Phone(client, me.account)
    answer = me.post("/me/password", {"current_password": PASSWORD, "new_password": BETTER})
    assert (answer.status_code, answer.data) == (204, b"")
    assert me.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 401
    assert gets_in(BETTER)
    assert not gets_in(PASSWORD)


def test_a_password_is_changed_by_who_knows_it(me, gets_in):
    for body in ({"current_password": "wrong", "new_password": BETTER}, {"new_password": BETTER}):
        answer = me.post("/me/password", body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"] == "#/current_password"
    assert gets_in(PASSWORD)


def test_guessing_the_password_from_inside_is_slowed_down_too(me, settings):
    settings["SIGN_IN_LIMIT_PER_PHONE"] = "3 per 5 minutes"
    guess = {"current_password": "wrong", "new_password": BETTER}
    keys = ({}, {"Idempotency-Key": "one"}, {"Idempotency-Key": "two"}, {"Idempotency-Key": "three"})
    assert [me.post("/me/password", guess, **key).status_code for key in keys] == [422, 422, 422, 429]


def test_whoever_was_shut_out_meanwhile_changes_nothing(app):
    person = an_account(name="张三", password=PASSWORD)
    tokens.start(person)
    [begun] = db.session.scalars(select(SignIn.id).where(SignIn.account_id == person.id))
    accounts.deactivate(person.id, by=an_account())
    with pytest.raises(SignInOver):
        own.change(person.id, name="李四", sign_in_id=begun, address=None)
    with pytest.raises(SignInOver):
        own.change_password(person.id, "another-one-2021", current_password=PASSWORD, sign_in_id=begun, address=None)
    assert accounts.find(person.id).name == "张三"


@pytest.mark.parametrize("password", ["", "short", "x" * 129, None, "a\x00bcdefgh"])
def test_a_password_has_a_sensible_length(me, password):
    answer = me.post("/me/password", {"current_password": PASSWORD, "new_password": password})
    assert answer.json["errors"][0]["pointer"] == "#/new_password"


def test_whoever_came_in_by_a_code_just_now_may_set_a_forgotten_password(me, gets_in):
    me.headers = {"Authorization": f"Bearer {tokens.start(me.account, SignInMethod.CODE).access_token}"}
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        assert me.post("/me/password", {"new_password": BETTER}).status_code == 422
    assert me.post("/me/password", {"new_password": BETTER}).status_code == 204
    assert gets_in(BETTER)


def test_a_repeated_change_of_password_is_one_change(me, gets_in):
    body = {"current_password": PASSWORD, "new_password": BETTER}
    answers = [me.post("/me/password", body, **{"Idempotency-Key": "k"}).status_code for _ in range(2)]
    assert answers == [204, 204]
    assert gets_in(BETTER)
