"""Telling someone, once; and a phone that polls cheaply."""

import hashlib
import hmac
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import event, select, update

from incident_service import accounts, notifications
from incident_service.cases.models import CaseEvent, Dispatch
from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.foundation.words import both
from incident_service.notifications import Kind, Message
from incident_service.notifications.models import Inbox, Notification
from tests.factories import an_account


def tell(account, reference="1", kind=Kind.CLOSED):
    """The id of the notification that somebody then has about an occasion."""
    message = Message(account.id, kind, reference, "20261120-AAAAAAAA", both("已结案", "Closed"))
    with transaction():
        notifications.tell([message])
    return db.session.scalars(select(Notification.id).filter_by(account_id=account.id, reference=reference)).one()


def test_one_occasion_is_told_once(app):
    somebody = an_account()
    assert tell(somebody) == tell(somebody)
    assert tell(somebody, "2") != tell(somebody)
    assert len(db.session.scalars(select(Notification)).all()) == 2


def test_nobody_who_was_let_go_is_told_anything(app):
    message = Message(an_account(name="离职的人").id, Kind.CLOSED, "1", "20261120-AAAAAAAA", both("已结案", "Closed"))
    accounts.deactivate(message.account_id, by=an_account())
    with transaction():
        notifications.tell([message])
    assert not db.session.scalars(select(Notification)).all()


def test_an_unchanged_inbox_is_answered_without_reading_a_notification(phone_of):
    somebody = an_account()
    tell(somebody)
    phone = phone_of(somebody)
    tag = phone.get("/me/notifications").headers["ETag"]
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    unchanged = phone.get("/me/notifications", **{"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.headers["ETag"]) == (304, tag)
    assert not [each for each in statements if "FROM notification " in each or "FROM notification\n" in each]
    tell(somebody, "2")
    assert phone.get("/me/notifications", **{"If-None-Match": tag}).status_code == 200


def test_only_what_is_newer_is_given(phone_of):
    somebody = an_account()
    first = tell(somebody)
    tell(somebody, "2")
    items = phone_of(somebody).get(f"/me/notifications?after={first}").json["items"]
    assert len(items) == 1
    assert items[0]["id"] != str(first)


def test_what_one_person_is_told_at_once_is_there_one_by_one(app, phone_of):
    somebody = an_account()
    with transaction():
        notifications.tell(Message(somebody.id, Kind.CLOSED, str(number), "", both("", "")) for number in range(3))
    told = db.session.scalars(select(Notification).order_by(Notification.at, Notification.id)).all()
    assert [each.reference for each in told] == ["0", "1", "2"]
    items = phone_of(somebody).get(f"/me/notifications?after={told[0].id}").json["items"]
    assert [item["id"] for item in items] == [str(told[2].id), str(told[1].id)]


def test_another_s_notification_is_not_there(phone_of):
    somebody, other = an_account(), an_account()
    id = tell(somebody)
    assert phone_of(other).post(f"/me/notifications/{id}/seen").status_code == 404
    assert phone_of(other).get(f"/me/notifications?after={id}").status_code == 404
    assert phone_of(other).get("/me/notifications").json["items"] == []


def test_a_title_is_said_in_the_reader_s_language(phone_of):
    somebody = an_account()
    tell(somebody)
    phone = phone_of(somebody)
    assert phone.get("/me/notifications").json["items"][0]["title"] == "已结案"
    assert phone.get("/me/notifications", **{"Accept-Language": "en"}).json["items"][0]["title"] == "Closed"


def test_what_there_is_to_fetch_is_told_to_the_phone_and_to_the_channel(gateway, phone_of, run_jobs):
    somebody = an_account()
    with transaction():
        notifications.tell([Message(somebody.id, Kind.CLOSED, "1", "", both("好", "good"), "/api/v1/reports/1"),
                            Message(somebody.id, Kind.CLOSED, "2", "", both("好", "good"))])
    run_jobs()
    items = phone_of(somebody).get("/me/notifications").json["items"]
    assert sorted(item["link"] for item in items) == ["", "/api/v1/reports/1"]
    assert sorted(json.loads(body)["link"] for body, _ in gateway.received) == ["", "/api/v1/reports/1"]


def test_seeing_the_notification_is_seeing_the_dispatch(town, phone_of, run_jobs):
    phone_of(town.resident).report()
    run_jobs()
    officer = phone_of(town.officer)
    id = officer.get("/me/notifications").json["items"][0]["id"]
    first, second = (officer.post(f"/me/notifications/{id}/seen").json["seen_at"] for _ in range(2))
    assert first == second
    run_jobs()
    seen = db.session.scalars(select(Dispatch).where(Dispatch.seen_at.is_not(None))).one()
    assert seen.responder_id == town.officer.id
    assert db.session.scalars(select(CaseEvent.move).order_by(CaseEvent.sequence)).all()[-1] == "see"


def test_two_who_tell_the_same_people_never_wait_for_each_other(app):
    """Whatever order they name them in, inboxes are locked in one order."""
    people = [an_account().id for _ in range(4)]
    db.session.rollback()

    def tell_all(number: int) -> None:
        with app.app_context(), transaction():
            notifications.tell(Message(each, Kind.CLOSED, str(number), "20261120-AAAAAAAA", both("", ""))
                               for each in (people if number % 2 else people[::-1]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell_all, range(24)))
    assert {notifications.revision_of(each) for each in people} == {24}


def test_a_later_notification_is_never_there_before_an_earlier_one(app):
    """A phone asks for what is newer than the newest it has; so times follow the order of commits."""
    somebody = an_account().id
    db.session.rollback()

    def tell_one(number: int) -> None:
        with app.app_context(), transaction():
            notifications.tell([Message(somebody, Kind.CLOSED, str(number), "20261120-AAAAAAAA", both("", ""))])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell_one, range(24)))
    told = db.session.scalars(select(Notification).order_by(Notification.at, Notification.id)).all()
    assert len(told) == 24
    assert [each.at for each in told] == sorted({each.at for each in told})


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_a_machine_whose_clock_is_behind_tells_nothing_that_a_phone_would_miss(app, phone_of):
    somebody = an_account()
    phone, first = phone_of(somebody), tell(somebody)
    with clock.stopped(clock.now() - timedelta(hours=1)):
        second, third = tell(somebody, "2"), tell(somebody, "3")
    newer = [item["id"] for item in phone.get(f"/me/notifications?after={first}").json["items"]]
    assert newer == [str(third), str(second)]


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_an_inbox_from_before_it_kept_its_time_goes_on(app):
    somebody = an_account()
    tell(somebody)
    with transaction():
        db.session.execute(update(Inbox).values(last_at=None))
    tell(somebody, "2")
    assert len(db.session.scalars(select(Notification)).all()) == 2


class Gateway(BaseHTTPRequestHandler):
    """A city's message gateway that remembers what it was sent."""

    received: list[tuple[bytes, str]]
    status: int

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).received.append((body, self.headers["X-Signature-SHA256"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def gateway(app):
    """A gateway on loopback; its `status` is what it answers."""
    Gateway.received, Gateway.status = [], 204
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    before = {name: app.config[name] for name in ("PUSH_CHANNEL", "GATEWAY_SECRET")}
    app.config.update(PUSH_CHANNEL=f"http://127.0.0.1:{server.server_port}/push", GATEWAY_SECRET="shared")
    yield Gateway
    app.config.update(before)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_notification_is_sent_through_the_city_s_channel_once_and_signed(gateway, run_jobs):
    id = tell(an_account())
    run_jobs()
    notifications.deliver(id)
    (body, signature), = gateway.received
    assert json.loads(body)["id"] == str(id)
    assert signature == hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    assert db.session.get(Notification, id).delivered_at


def test_a_channel_that_refuses_is_tried_again(gateway, run_jobs):
    gateway.status = 500
    tell(an_account())
    run_jobs()
    owed = db.session.scalars(select(outbox.Promise)).one()
    assert (owed.attempts, owed.failed_at) == (1, None)
    assert "500" in owed.last_error
