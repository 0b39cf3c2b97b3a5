"""What every request gets at the door, and every answer on its way out."""

import re
from uuid import UUID

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise

OURS = "0190f5f4-7c1f-7d5e-9d3a-0123456789ab"


@pytest.mark.parametrize("sane", [OURS, "a1b2c3d4", "edge.7_f-0123456789", "0" * 64])
def test_a_sane_request_id_is_kept_and_answered_back(client, sane):
    assert client.get("/healthz", headers={"X-Request-ID": sane}).headers["X-Request-ID"] == sane


@pytest.mark.parametrize("odd", ["", "short", "0" * 65, "has blank", "<script>alert(1)</script>", "号码号码号码号码"])
def test_an_odd_one_is_replaced_by_a_new_one(client, odd):
    given = client.get("/healthz", headers={"X-Request-ID": odd}).headers["X-Request-ID"]
    assert given != odd
    assert UUID(given).version == 7


@pytest.mark.parametrize("accepted, title", [
    ({"Accept-Language": "en"}, "Sign in first"), ({"Accept-Language": "zh-CN"}, "请先登录"), ({}, "请先登录")])
def test_everybody_is_answered_in_their_own_language(client, accepted, title):
    for between in ("en", "zh"):                    # whoever was answered before
        client.get("/api/v1/me", headers={"Accept-Language": between})
        assert client.get("/api/v1/me", headers=accepted).json["title"] == title


def test_a_problem_names_the_request_it_belongs_to(client):
    assert client.get("/api/v1/me", headers={"X-Request-ID": OURS}).json["instance"] == f"urn:uuid:{OURS}"
    answers = [client.get("/api/v1/me", headers={"X-Request-ID": "edge-0001"}).json["instance"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert UUID(answers[0].removeprefix("urn:uuid:"))


def test_a_request_leaves_one_line_that_names_its_route_and_nobody(client, town, phone_of):
    with capture_logs([merge_contextvars]) as lines:
        phone_of(town.officer).get("/cases?q=13812345678&limit=1", **{"X-Request-ID": OURS})
    [line] = [line for line in lines if line["event"] == "request"]
    assert {name: line[name] for name in ("method", "route", "status", "request_id")} == {
        "method": "GET", "route": "/api/v1/cases", "status": 200, "request_id": OURS}
    assert line["ms"] >= 0
    assert "1381234" not in repr(lines)


def test_a_refused_request_says_in_the_log_which_problem_it_met(client):
    with capture_logs([merge_contextvars]) as lines:
        answer = client.get("/api/v1/nowhere/13812345678")
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["route"], line["status"], line["problem"]) == ("none", 404, "not-found")
    assert line["instance"] == answer.json["instance"]
    assert "1381234" not in repr(lines)


def test_a_fault_says_in_the_log_on_which_route_it_was_and_names_nobody(town, phone_of, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("incident_service.points.redemptions.hand_over", break_down)
    with capture_logs([merge_contextvars]) as lines:
        assert phone_of(town.desk).post("/redemptions/13812345678/handover").status_code == 500
    [line] = [line for line in lines if line["event"] == "fault"]
    assert line["route"] == "/api/v1/redemptions/<code>/handover"
    assert "1381234" not in repr(lines)


def test_the_id_follows_a_report_into_what_is_promised(client, town, phone_of):
    resident = phone_of(town.resident)
    resident.headers["X-Request-ID"] = "phone-0001"
    assert resident.report().status_code == 201
    assert {promise.request_id for promise in db.session.query(Promise)} == {"phone-0001"}


def test_every_answer_keeps_browsers_careful(client):
    for path in ("/healthz", "/api/v1/me", "/nowhere"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_what_has_an_etag_may_be_kept_but_must_be_asked_about(client):
    assert client.get("/api/openapi.json").headers["Cache-Control"] == "private, no-cache"


def test_405_says_what_is_allowed(client):
    answer = client.delete("/api/v1/cases")
    assert (answer.status_code, answer.json["type"]) == (405, "/problems/method-not-allowed")
    assert set(re.split(", ?", answer.headers["Allow"])) == {"GET", "HEAD", "OPTIONS"}


def test_options_says_what_is_allowed_and_head_has_no_body(client):
    options, head = client.options("/api/v1/reports"), client.head("/healthz")
    assert options.status_code == 200
    assert {"GET", "POST"} <= set(re.split(", ?", options.headers["Allow"]))
    assert (head.status_code, head.data, head.content_type) == (200, b"", "application/json")
