"""What a monitor asks: alive, ready, and how busy."""

from collections.abc import Iterator
from typing import Any

from flask import Response, current_app
from marshmallow import fields
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from incident_service import cases, supervision
from incident_service.accounts import anyone
from incident_service.foundation import metrics, outbox
from incident_service.foundation.database import db
from incident_service.foundation.http import Blueprint, Schema
from incident_service.foundation.metrics import Gauge
from incident_service.foundation.problems import Unauthenticated, Unavailable
from incident_service.foundation.queues import queues
from incident_service.foundation.words import both
from incident_service.web.checks import standing
from incident_service.web.insiders import is_insider

bp = Blueprint("health", __name__, description="运行状况")


class NotReady(Unavailable):
    """Something the service stands on is away; callers on the machine are told what."""
    slug, title = "not-ready", both("服务尚未就绪", "Not ready")


class HealthOutput(Schema):
    """How the service is. `checks`, each true, is for callers on the machine or with METRICS_TOKEN."""
    status = fields.String(required=True)
    checks = fields.Dict(keys=fields.String(), values=fields.Boolean())


@bp.get("/healthz")
@anyone
@bp.response(200, HealthOutput)
def healthz() -> dict[str, str]:
    """Alive: this process answers. Asks nothing else."""
    return {"status": "alive"}


@bp.get("/readyz")
@anyone
@bp.refuses(NotReady)
@bp.response(200, HealthOutput)
def readyz() -> dict[str, Any]:
    """Ready: database, Redis, photo store, picture press and every kind of worker are there."""
    found = standing()
    shown: dict[str, Any] = {"checks": found} if is_insider() else {}
    if not all(found.values()):
        raise NotReady(**shown)
    return {"status": "ready", **shown}


@bp.get("/metrics")
@anyone
@bp.doc(security=[{}, {"metrics_token": []}])
@bp.refuses(Unauthenticated)
@bp.response(200, {"type": "string"}, content_type="text/plain")
def show_metrics() -> Response:
    """Figures for Prometheus, from all processes: for callers on the machine, or with METRICS_TOKEN as bearer."""
    if not is_insider():
        raise Unauthenticated(both("请出示 METRICS_TOKEN", "Show the METRICS_TOKEN"))
    text = metrics.exposition(_gauges(), current_app.config["METRICS_DIR"])
    return Response(text, content_type=metrics.CONTENT_TYPE)


def _gauges() -> Iterator[Gauge]:
    """What is looked up at this moment. What cannot be asked is left out, and its `up` is 0."""
    try:
        yield from _promises()
        yield from _desks()
        yield from _daybook()
        database_up = 1
    except SQLAlchemyError:
        database_up = 0
    try:
        yield Gauge("incident_queue_depth", "Jobs that wait in a queue", queues().depths(), "queue")
        yield Gauge("incident_processes", "Processes that are alive", queues().alive_kinds(), "kind")
        redis_up = 1
    except RedisError:
        redis_up = 0
    yield Gauge("incident_up", "Whether what the service stands on answers", {
        "database": database_up, "redis": redis_up}, "part")


def _desks() -> Iterator[Gauge]:
    try:
        waiting = cases.waiting_at_desks()
    finally:
        db.session.rollback()
    yield Gauge("incident_cases_at_desk", "Cases that wait for a person at a desk", waiting, "status")


def _daybook() -> Iterator[Gauge]:
    try:
        age_s = supervision.daybook_age_s()
    finally:
        db.session.rollback()
    if age_s is not None:
        yield Gauge.single("incident_daybook_age_seconds", "Time since the moment the daybook of figures claims", age_s)


def _promises() -> Iterator[Gauge]:
    try:
        owed = outbox.backlog()
    finally:
        db.session.rollback()
    yield Gauge.single("incident_promises_open", "Promised jobs that are not done yet", owed.open)
    yield Gauge.single("incident_promise_oldest_seconds", "Age of the oldest of them", owed.oldest_s)
    yield Gauge.single("incident_promises_failed", "Promised jobs that were given up", owed.failed)
