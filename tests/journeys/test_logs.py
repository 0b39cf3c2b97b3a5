"""The log of a whole story: each line says to which request it belongs, and none what must stay secret."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from incident_service.demo.people import PASSWORD
from tests.factories import a_picture
from tests.journeys.city import PRESS, City, a_city, hit, sqlite_url
from tests.journeys.handsets import ADMIN, DESK, MANAGER, OFFICER, RESIDENT, Answer
from tests.operations.installation import until

NEWCOMER, COLLEAGUE = "13812345678", "15987654321"
OWN_PASSWORD, WRONG_PASSWORD = "a-password-of-their-own", "a-wrong-password"
REQUEST_ID = "the-first-witness.1"
A_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86)?1[3-9]\d{9}(?![0-9A-Za-z])")


class Traces(NamedTuple):
    """What a story leaves behind: its log, what went through Redis, and the secrets that must be in neither."""

    log: str
    redis: str
    secrets: list[str]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traces]:
    """A story with mistakes in it."""
    data_dir = tmp_path_factory.mktemp("logged") / "data"
    with a_city(data_dir, sqlite_url(data_dir)) as city:
        secrets = [PASSWORD, OWN_PASSWORD, WRONG_PASSWORD, *a_newcomer_signs_in(city)]
        a_colleague_is_added(city)
        a_case_is_dealt_with(city)
        mistakes_are_made(city)
        until(lambda: not city.witness.owed(), otherwise=city.witness.owed)
    carried = (data_dir / "redis" / "appendonlydir").glob("*.aof")
    yield Traces(city.installation.log.read_text(), "".join(each.read_text("latin-1") for each in carried), secrets)


def tokens_in(answer: Answer) -> list[str]:
    assert answer.status in (200, 201), answer
    return [answer.json["access_token"], answer.json["refresh_token"]]


def a_newcomer_signs_in(city: City) -> list[str]:
    """By code and then by password; the secrets of it."""
    newcomer = city.phone()
    assert newcomer.post("/login-codes", {"phone": f"+86 {NEWCOMER}"}).status == 202
    code = until(lambda: [each["code"] for each in list(city.gateway.messages.values())
                          if each["kind"] == "login_code"])[0]
    access, refresh = tokens_in(newcomer.post("/tokens", {"phone": NEWCOMER, "code": code}))
    newcomer.headers = {"Authorization": f"Bearer {access}"}
    assert newcomer.post("/me/password", {"new_password": OWN_PASSWORD}).status == 204
    exchanged = tokens_in(newcomer.post("/tokens/refresh", {"refresh_token": refresh}))
    again = tokens_in(newcomer.post("/tokens", {"phone": NEWCOMER, "password": OWN_PASSWORD}))
    assert newcomer.call("DELETE", "/api/v1/tokens/current").status == 204
    return [code, access, refresh, *exchanged, *again]


def a_colleague_is_added(city: City) -> None:
    """Twice: the second time the database itself refuses the number."""
    admin, colleague = city.phone(ADMIN), {
        "phone": COLLEAGUE, "name": "新来的", "password": OWN_PASSWORD, "roles": [{"role": "resident", "area": "3601"}]}
    assert [admin.post("/people", colleague).status for _ in range(2)] == [201, 409]


def a_case_is_dealt_with(city: City) -> None:
    resident, officer, manager = (city.phone(each) for each in (RESIDENT, OFFICER, MANAGER))
    said = resident.report(request_id=REQUEST_ID, description=f"车主电话 {COLLEAGUE}")
    assert said.headers["X-Request-ID"] == REQUEST_ID
    path = f"/cases/{said.json['case_number']}"
    until(lambda: officer.post(f"{path}/acceptance").status == 200)
    officer.send(f"{path}/rectification", {"note": f"已通知 {COLLEAGUE}"}, [a_picture()])
    assert manager.post(f"{path}/closure", {"note": COLLEAGUE}).status == 200


def mistakes_are_made(city: City) -> None:
    """What goes wrong is logged more fully than what goes well."""
    anybody, desk = city.phone(), city.phone(DESK)
    anybody.post("/tokens", {"phone": NEWCOMER, "password": WRONG_PASSWORD})
    anybody.post("/tokens", {"phone": [NEWCOMER], "password": {OWN_PASSWORD: 1}})
    anybody.call("POST", "/api/v1/tokens", f'{{"phone": "{NEWCOMER}", "password": "{OWN_PASSWORD}'.encode(),
                 **{"Content-Type": "application/json"})
    anybody.get(f"/people/{NEWCOMER}?password={OWN_PASSWORD}")
    desk.get(f"/cases?q={NEWCOMER}")
    desk.get(f"/cases/{NEWCOMER}")
    desk.call("GET", "/api/v1/me", Authorization=f"Basic {OWN_PASSWORD}")
    city.gateway.refuses = 1
    hit(city.installation, PRESS)
    city.phone(RESIDENT).insist("report", description=NEWCOMER)


@pytest.mark.parametrize("where", ["log", "redis"])
def test_no_secret_is_where_it_must_not_be(traces: Traces, where: str):
    text = getattr(traces, where)
    assert [each for each in traces.secrets
            if re.search(rf"(?<![0-9A-Za-z.]){re.escape(each)}(?![0-9A-Za-z])", text)] == []


@pytest.mark.parametrize("where", ["log", "redis"])
def test_no_telephone_number_is_where_it_must_not_be(traces: Traces, where: str):
    text = getattr(traces, where)
    assert len(text) > 1000
    assert A_PHONE.findall(text) == []


def test_a_report_s_request_id_follows_it_through_all_its_jobs(traces: Traces):
    belonging = [each for each in traces.lines() if each.get("request_id") == REQUEST_ID]
    assert {each.get("job") or each.get("route") for each in belonging} >= {
        "/api/v1/reports", "workers.routing.dispatch_case", "workers.media.cut_sizes", "workers.notifications.deliver"}


def test_a_job_that_failed_says_why(traces: Traces):
    failed = [each for each in traces.lines() if each["event"] == "job-failed"]
    assert [each["job"] for each in failed] == ["workers.notifications.deliver"]
    assert "503" in failed[0]["exception"]
