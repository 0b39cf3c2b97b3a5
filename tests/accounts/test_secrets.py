"""Numbers, codes and passwords stay where they belong: in no log, promise or Redis, nor in a table as they are."""

import http.server
import json
from threading import Thread
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text

from incident_service import accounts
from incident_service.accounts.channel import Gateway, Terminal
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from tests.factories import an_account

PHONE, PASSWORD = "13987654321", "linli-demo-2021"


@pytest.fixture
def log():
    """Every line logged, tracebacks written out as they are in production."""
    with structlog.testing.capture_logs(processors=[structlog.processors.format_exc_info]) as lines:
        yield lines


def stored():
    """Everything in the database, as one text."""
    db.session.rollback()
    tables = [db.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in db.metadata.tables]
    return repr(tables)


def kept_in(redis):
    """Everything in Redis, as one text."""
    kinds = {b"string": redis.get, b"hash": redis.hgetall, b"set": redis.smembers,
             b"list": lambda key: redis.lrange(key, 0, -1), b"zset": lambda key: redis.zrange(key, 0, -1)}
    return repr([(key, kinds[redis.type(key)](key)) for key in redis.scan_iter()])


def test_redis_sees_neither_the_number_nor_the_code(client, letterbox, run_jobs, shared_redis, log):
    client.post("/api/v1/login-codes", json={"phone": PHONE})
    client.post("/api/v1/tokens", json={"phone": PHONE, "password": "wrong"})
    promise = db.session.scalars(db.select(Promise)).one()
    assert list(promise.arguments) == ["login_code_id"]
    assert str(promise.id) in kept_in(shared_redis)
    assert "login-code/phone" in kept_in(shared_redis)
    assert PHONE not in kept_in(shared_redis)
    run_jobs()
    assert letterbox.codes[0][0] == f"+86{PHONE}"
    assert letterbox.last not in kept_in(shared_redis)
    assert not any(secret in repr(log) for secret in (PHONE, letterbox.last))


def test_a_number_is_forgotten_once_its_code_was_sent(client, letterbox, run_jobs):
    client.post("/api/v1/login-codes", json={"phone": PHONE})
    run_jobs()
    assert PHONE not in stored()
    assert f"'{letterbox.last}'" not in stored()


def test_a_gateway_that_is_away_tells_the_log_nothing_and_is_tried_again(client, letterbox, run_jobs, log):
    letterbox.is_open = False
    client.post("/api/v1/login-codes", json={"phone": PHONE})
    run_jobs()
    promise = db.session.scalars(db.select(Promise)).one()
    assert (promise.attempts, promise.failed_at) == (1, None)
    assert "the gateway is away" in promise.last_error
    assert "the gateway is away" in repr(log)
    assert not any(secret in repr(log) + promise.last_error for secret in (PHONE, letterbox.last))
    letterbox.is_open = True
    accounts.send_login_code(UUID(promise.arguments["login_code_id"]))
    answer = client.post("/api/v1/tokens", json={"phone": PHONE, "code": letterbox.last})
    assert answer.status_code == 201


def test_a_password_is_kept_as_its_argon2id_hash_alone(client, settings):
    account = an_account(phone=PHONE, password=PASSWORD)
    entered = client.post("/api/v1/tokens", json={"phone": PHONE, "password": PASSWORD}).json
    client.post("/api/v1/me/password", json={"current_password": PASSWORD, "new_password": "another-one"},
                headers={"Authorization": f"Bearer {entered['access_token']}", "Idempotency-Key": "k"})
    assert account.password_hash.startswith("$argon2id$v=19$")
    kept, secrets = stored(), (PASSWORD, "another-one", entered["access_token"], entered["refresh_token"])
    assert not any(secret in kept for secret in secrets)


def test_an_error_of_the_database_does_not_tell_whose_number_it_was(app):
    with pytest.raises(Exception, match=r"no such table|does not exist") as caught:
        db.session.execute(text("SELECT * FROM nowhere WHERE phone = :phone"), {"phone": PHONE})
    assert PHONE not in str(caught.value)


def test_development_shows_the_code_on_the_terminal_and_the_number_masked(capsys):
    Terminal().send(f"+86{PHONE}", "012345")
    assert "012345" in (shown := capsys.readouterr().out)
    assert PHONE not in shown


def test_the_gateway_receives_the_code_signed(app, settings):
    received = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    settings["GATEWAY_SECRET"] = "only-for-tests"
    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        Gateway(f"http://127.0.0.1:{server.server_port}/sms").send(f"+86{PHONE}", "012345")
        thread.join()
    headers, body = received[0]
    message = json.loads(body)
    assert (message["phone"], message["code"]) == (f"+86{PHONE}", "012345")
    assert headers["X-Signature-SHA256"]
