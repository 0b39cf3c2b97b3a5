"""The figures Prometheus reads."""

from datetime import timedelta
from uuid import UUID

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.outbox import Promise
from incident_service.foundation.queues import queues
from incident_service.foundation.transaction import transaction
from incident_service.supervision import daybook
from incident_service.supervision.daybook.models import FigureProgress
from tests.supervision.changing import new_case
from tests.web.test_health import AWAY


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of the labels' names."""
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def figures(client: FlaskClient) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return samples(answer.text)


def test_what_is_promised_and_not_done_is_counted(client):
    now = clock.now()
    with transaction():
        for name, age_s, more in (("fresh", 0, {}), ("waits for its third try", 3600, {"attempts": 2}),
                                  ("given up", 9000, {"failed_at": now}), ("for later", 7200, {})):
            late = timedelta(hours=1) if name in ("waits for its third try", "for later") else timedelta()
            db.session.add(Promise(job="workers.media.cut_sizes", arguments={}, request_id=name, due_at=now + late,
                                   created_at=now - timedelta(seconds=age_s), **more))
    found = figures(client)
    assert found["incident_promises_open",] == 2
    assert 3600 <= found["incident_promise_oldest_seconds",] < 3700
    assert found["incident_promises_failed",] == 1


def test_waiting_jobs_and_living_processes_are_counted(standing):
    client = standing()
    with client.application.app_context():
        queues().hand_over([("1", "workers.routing.dispatch_case", {"case_id": "x"})])
    found = figures(client)
    assert [found["incident_queue_depth", name] for name in ("routing", "push", "media")] == [1, 0, 0]
    assert [found["incident_processes", kind] for kind in ("routing", "scheduler")] == [1, 1]
    assert (found["incident_up", "database"], found["incident_up", "redis"]) == (1, 1)


def test_how_old_the_daybook_of_figures_is_told_once_there_is_one(app, client):
    assert ("incident_daybook_age_seconds",) not in figures(client)
    new_case(closed=5), daybook.fold()
    assert 0 <= figures(client)["incident_daybook_age_seconds",] < 60
    with transaction():
        progress = db.session.get(FigureProgress, 1)
        progress.as_of = UUID(int=progress.as_of.int - (3_600_000 << 80))
    assert 3600 <= figures(client)["incident_daybook_age_seconds",] < 3700


def test_what_cannot_be_asked_is_left_out_and_said(standing):
    found = figures(standing(**AWAY["redis"]))
    assert (found["incident_up", "redis"], found["incident_up", "database"]) == (0, 1)
    assert not any(name == "incident_queue_depth" for name, *_ in found)
    assert ("incident_promises_open",) not in figures(standing(**AWAY["database"]))


def test_requests_are_timed_by_route_and_not_by_path(client):
    before = figures(client)
    client.get("/problems/invalid")
    client.get("/13900000001")
    client.open("/healthz", method="BREW")
    counted = {key: value - before.get(key, 0) for key, value in figures(client).items()
               if key[0] == "incident_request_seconds_count"}
    assert counted["incident_request_seconds_count", "GET", "/problems/<slug>", "200"] == 1
    assert counted["incident_request_seconds_count", "GET", "none", "404"] == 1
    assert counted["incident_request_seconds_count", "other", "none", "405"] == 1


def test_how_soon_a_report_is_pushed_and_jobs_done_are_counted(client, town, phone_of, run_jobs):
    before = figures(client)
    assert phone_of(town.resident).report().status_code == 201
    run_jobs()
    after = figures(client)
    pushed, done = ("incident_report_to_push_seconds_count",), (
        "incident_jobs_total", "workers.routing.dispatch_case", "done")
    assert after[pushed] - before[pushed] == 1
    assert after[done] - before.get(done, 0) == 1
