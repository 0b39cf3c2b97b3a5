"""Coming in by password or by a one-time code."""

import time
from datetime import timedelta
from queue import Queue
from threading import Barrier, Event, Thread

import pytest
from argon2.exceptions import VerifyMismatchError

from incident_service import accounts
from incident_service.accounts import Role, passwords
from incident_service.accounts.models import Account, LoginCode, SignIn
from incident_service.accounts.upkeep import forget_old
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import a_phone, an_account

PASSWORD = "linli-demo-2021"


@pytest.fixture
def sign_in(client):
    return lambda phone, **proof: client.post("/api/v1/tokens", json={"phone": phone} | proof)


@pytest.fixture
def ask(client, letterbox, run_jobs):
    """Have a code sent, and brought by the job that was promised."""
    def ask(phone):
        answer = client.post("/api/v1/login-codes", json={"phone": phone})
        run_jobs()
        return answer

    return ask


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_password_lets_its_owner_in(client, sign_in):
    account = an_account(Role.OFFICER, "360102J01", kind="traffic", name="交警甲", password=PASSWORD,
                         phone="13912340001")
    answer = sign_in("139 1234 0001", password=PASSWORD)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["expires_in"] == 1800
    assert answer.json["account"] == {
        "id": str(account.id), "name": "交警甲", "phone": "139****0001", "areas": ["360102J01"],
        "roles": [{"role": "officer", "kind": "traffic", "area": "360102J01"}],
    }
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json['access_token']}"})
    assert me.json == answer.json["account"]


def test_nobody_learns_why_a_sign_in_was_refused(client, sign_in):
    an_account(password=PASSWORD, phone="13912340001")
    an_account(phone="13912340002")
    gone = an_account(password=PASSWORD, phone="13912340003")
    accounts.deactivate(gone.id, by=an_account(Role.ADMIN))
    answers = [
        sign_in("13912340001", password="wrong"), sign_in("13912340002", password=PASSWORD),
        sign_in("13912340003", password=PASSWORD), sign_in("13912340004", password=PASSWORD),
        sign_in("13912340001", code="000000"), sign_in("13912340004", code="000000"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.json["type"], answer.json["detail"]) for answer in answers}) == 1


def test_an_unknown_phone_takes_as_long_as_a_known_one(settings, sign_in):
    settings.update(PASSWORD_ROUNDS=3, PASSWORD_MEMORY_KIB=16 * 1024)
    an_account(password=PASSWORD, phone="13912340001")
    sign_in("13912340002", password="wrong")

    def seconds(phone):
        spans = []
        for _ in range(3):
            began = time.perf_counter()
            sign_in(phone, password="wrong")
            spans.append(time.perf_counter() - began)
        return min(spans)

    assert seconds("13912340002") > 0.6 * seconds("13912340001")


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "#/phone"), ({"phone": "13900000001"}, "#"), ({"phone": "123", "code": "1"}, "#/phone"),
    ({"phone": "13900000001", "code": "1", "password": "x"}, "#"), ({"phone": None, "code": "1"}, "#/phone"),
    ({"phone": "13900000001", "password": ""}, "#/password"), ({"phone": "13900000001", "code": 123456}, "#/code"),
    ({"phone": "13900000001", "password": "a\x00b"}, "#/password"),
    ({"phone": "13900000001", "code": "1", "more": 1}, "#/more"),
])
def test_a_sign_in_says_what_is_missing(client, body, pointer):
    answer = client.post("/api/v1/tokens", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_passwords_are_compared_a_few_at_a_time(settings, sign_in, monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_S_MAX", 0.01)
    with passwords._slot(), passwords._slot():
        answer = sign_in("13912340001", password=PASSWORD)
    assert answer.status_code == 503
    assert float(answer.headers["Retry-After"]) > 0
    assert sign_in("13912340001", password=PASSWORD).status_code == 401


def test_two_wait_for_their_password_to_be_compared_and_the_next_are_told_at_once_to_come_again(app, monkeypatch):
    may_go_on, answers = Event(), Queue()

    class Slow:
        def verify(self, *_):
            assert may_go_on.wait(60)
            raise VerifyMismatchError

    def enter(phone):
        with app.app_context():
            answers.put(app.test_client().post("/api/v1/tokens", json={"phone": phone, "password": PASSWORD}))

    monkeypatch.setattr(passwords, "WAIT_S_MAX", 60)
    monkeypatch.setattr(passwords, "_hasher", Slow)
    monkeypatch.setattr(passwords, "_nobodys_hash", str)
    threads = [Thread(target=enter, args=[a_phone()]) for _ in range(7)]
    for thread in threads:
        thread.start()
    turned_away = [answers.get(timeout=30) for _ in range(3)]
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in turned_away] == [(503, "1")] * 3
    may_go_on.set()
    assert [answers.get(timeout=30).status_code for _ in range(4)] == [401] * 4
    for thread in threads:
        thread.join()


def test_a_residents_first_code_opens_their_account(ask, sign_in, letterbox):
    phone = a_phone()
    assert ask(phone).status_code == 202
    answer = sign_in(phone, code=letterbox.last)
    assert answer.status_code == 201
    assert answer.json["account"]["roles"] == [{"role": "resident", "kind": None, "area": "3601"}]
    ask(phone)
    again = sign_in(phone, code=letterbox.last)
    assert again.json["account"]["id"] == answer.json["account"]["id"]


def test_asking_for_a_code_gives_the_same_answer_whether_or_not_the_phone_is_known(ask):
    an_account(phone="13912340001")
    accounts.deactivate(an_account(phone="13912340003").id, by=an_account(Role.ADMIN))
    answers = [ask(phone) for phone in ("13912340001", "13912340002", "13912340003")]
    assert {(answer.status_code, answer.data) for answer in answers} == {(202, b'{"expires_in":300}')}


def test_a_deactivated_person_gets_in_by_no_code(ask, sign_in, letterbox):
    gone = an_account(phone="13912340001")
    accounts.deactivate(gone.id, by=an_account(Role.ADMIN))
    ask("13912340001")
    assert sign_in("13912340001", code=letterbox.last).status_code == 401


def test_a_code_is_good_once_and_for_its_own_phone(ask, sign_in, letterbox):
    phone, other = a_phone(), a_phone()
    ask(other)
    ask(phone)
    assert sign_in(other, code=letterbox.last).status_code == 401
    assert sign_in(phone, code=letterbox.last).status_code == 201
    assert sign_in(phone, code=letterbox.last).status_code == 401


def test_only_the_last_code_is_good(ask, sign_in, letterbox):
    phone = a_phone()
    ask(phone)
    first = letterbox.last
    ask(phone)
    while letterbox.last == first:
        ask(phone)
    assert sign_in(phone, code=first).status_code == 401
    assert sign_in(phone, code=letterbox.last).status_code == 201


def test_a_code_grows_old(ask, sign_in, letterbox):
    phone = a_phone()
    ask(phone)
    with clock.stopped(clock.now() + timedelta(minutes=5, seconds=1)):
        assert sign_in(phone, code=letterbox.last).status_code == 401


def test_after_five_wrong_tries_even_the_right_code_is_refused(ask, sign_in, letterbox):
    phone = a_phone()
    ask(phone)
    for _ in range(5):
        assert sign_in(phone, code=other_than(letterbox.last)).status_code == 401
    assert sign_in(phone, code=letterbox.last).status_code == 401
    ask(phone)
    for _ in range(4):
        sign_in(phone, code=other_than(letterbox.last))
    assert sign_in(phone, code=letterbox.last).status_code == 201


def test_one_code_shown_by_many_at_once_lets_one_in(app, client, ask, letterbox):
    phone = a_phone()
    ask(phone)
    together, statuses = Barrier(6), []

    def enter():
        with app.app_context():
            together.wait()
            answer = app.test_client().post("/api/v1/tokens", json={"phone": phone, "code": letterbox.last})
            statuses.append(answer.status_code)

    threads = [Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 401, 401, 401, 401, 401]
    assert db.session.query(Account).count() == db.session.query(SignIn).count() == 1


def test_a_code_that_was_sent_is_not_sent_again(ask, letterbox):
    ask(a_phone())
    accounts.send_login_code(db.session.scalars(db.select(LoginCode.id)).one())
    assert len(letterbox.codes) == 1


def test_a_code_for_which_nobody_waits_any_more_is_not_sent(client, letterbox, run_jobs):
    client.post("/api/v1/login-codes", json={"phone": a_phone()})
    with clock.stopped(clock.now() + timedelta(minutes=6)):
        run_jobs()
    assert letterbox.codes == []


def test_old_codes_are_forgotten(ask):
    ask(a_phone())
    assert forget_old() == 0
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        forget_old()
    assert db.session.query(LoginCode).count() == 0
