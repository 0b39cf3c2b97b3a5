"""Who guesses is slowed down; who is right is not."""

import pytest

from incident_service.foundation import limits
from incident_service.foundation.queues import Queues
from tests.factories import a_phone, an_account

PASSWORD = "linli-demo-2021"


@pytest.fixture
def sign_in(client):
    def sign_in(phone, password, *, address="203.0.113.7"):
        return client.post("/api/v1/tokens", json={"phone": phone, "password": password},
                           environ_overrides={"REMOTE_ADDR": address})

    return sign_in


def is_refused(answer):
    return (answer.status_code == 429 and answer.mimetype == "application/problem+json"
            and 0 < int(answer.headers["Retry-After"]) <= 300)


def test_ten_wrong_passwords_close_the_phone_for_a_while_to_their_address_and_its_owner_still_gets_in(
        settings, sign_in):
    settings["SIGN_IN_LIMIT_PER_PHONE"] = "10 per 5 minutes"
    phone = a_phone()
    an_account(phone=phone, password=PASSWORD)
    for _ in range(10):
        assert sign_in(phone, "wrong", address="203.0.113.66").status_code == 401
    assert is_refused(sign_in(phone, PASSWORD, address="203.0.113.66"))
    assert sign_in(phone, PASSWORD, address="203.0.113.7").status_code == 201
    assert sign_in(a_phone(), PASSWORD, address="203.0.113.66").status_code == 401


def test_a_phone_cannot_be_guessed_at_from_ever_more_addresses(settings, sign_in):
    settings["SIGN_IN_LIMIT_PER_PHONE_OVERALL"] = "5 per 5 minutes"
    phone = a_phone()
    an_account(phone=phone, password=PASSWORD)
    for number in range(5):
        assert sign_in(phone, "wrong", address=f"203.0.113.{number}").status_code == 401
    assert is_refused(sign_in(phone, PASSWORD, address="203.0.113.99"))
    assert sign_in(a_phone(), PASSWORD, address="203.0.113.99").status_code == 401


def test_an_address_cannot_try_phone_after_phone(settings, sign_in):
    settings["SIGN_IN_LIMIT_PER_ADDRESS"] = "5 per 5 minutes"
    for _ in range(5):
        assert sign_in(a_phone(), "wrong").status_code == 401
    assert is_refused(sign_in(a_phone(), "wrong"))
    assert sign_in(a_phone(), "wrong", address="203.0.113.8").status_code == 401


def test_the_right_password_costs_no_try(settings, sign_in):
    settings.update(SIGN_IN_LIMIT_PER_PHONE="2 per 5 minutes", SIGN_IN_LIMIT_PER_ADDRESS="2 per 5 minutes")
    phone = a_phone()
    an_account(phone=phone, password=PASSWORD)
    assert [sign_in(phone, PASSWORD).status_code for _ in range(4)] == [201] * 4


def test_a_stated_address_is_not_believed(settings, client):
    settings["SIGN_IN_LIMIT_PER_ADDRESS"] = "1 per 5 minutes"
    answers = [client.post("/api/v1/tokens", json={"phone": a_phone(), "password": "wrong"},
                           headers={"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(2)]
    assert [answer.status_code for answer in answers] == [401, 429]


def test_codes_are_asked_for_slowly(settings, client):
    settings.update(LOGIN_CODE_LIMIT_PER_PHONE="1 per minute; 5 per hour", LOGIN_CODE_LIMIT_PER_ADDRESS="3 per hour")
    phone = a_phone()
    ask = lambda phone: client.post("/api/v1/login-codes", json={"phone": phone})          # noqa: E731
    assert ask(phone).status_code == 202
    refused = ask(phone)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert ask(a_phone()).status_code == 202
    refused = ask(a_phone())
    assert refused.status_code == 429
    assert 60 < int(refused.headers["Retry-After"]) <= 3600


def test_who_asks_for_codes_for_another_s_phone_leaves_its_owner_their_own(settings, client):
    settings.update(LOGIN_CODE_LIMIT_PER_PHONE="2 per hour", LOGIN_CODE_LIMIT_PER_PHONE_OVERALL="4 per hour")
    phone = a_phone()

    def ask(address):
        return client.post("/api/v1/login-codes", json={"phone": phone},
                           environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [ask("203.0.113.66") for _ in range(9)] == [202, 202] + [429] * 7
    assert [ask("203.0.113.7") for _ in range(3)] == [202, 202, 429]
    assert ask("203.0.113.8") == 429


def test_tries_are_counted_for_all_processes_together(app, shared_redis, settings, sign_in):
    settings["SIGN_IN_LIMIT_PER_PHONE"] = "2 per 5 minutes"
    phone = a_phone()
    for _ in range(2):
        assert sign_in(phone, "wrong").status_code == 401
        app.extensions.pop("counters")                       # as another process would have none of its own
    assert is_refused(sign_in(phone, "wrong"))


def test_a_limit_holds_while_redis_is_away_and_nothing_fails(app, shared_redis, settings, sign_in, monkeypatch):
    settings["SIGN_IN_LIMIT_PER_PHONE"] = "2 per 5 minutes"
    phone = a_phone()
    assert sign_in(phone, "wrong").status_code == 401
    monkeypatch.setitem(app.extensions, "queues", Queues("unix:///nonexistent/redis.sock"))
    app.extensions.pop("counters")
    assert [sign_in(phone, "wrong").status_code for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize(("address", "counted_as"), [
    ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
    ("fe80::1%eth0", "fe80::/64"), ("", "unknown"), (None, "unknown"), ("not an address", "unknown"),
])
def test_an_ipv6_network_counts_as_one_caller(address, counted_as):
    assert limits.subscriber(address) == counted_as
