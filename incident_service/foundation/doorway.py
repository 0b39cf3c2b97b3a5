"""What happens to every request at the door and to every answer on its way out: an id, a log line, its time, and
headers that keep browsers careful."""

import time
from typing import Any

import structlog
from flask import Flask, Response, request

from incident_service.foundation import logs, metrics
from incident_service.foundation.words import language_asked_for, spoken_in

REQUEST_ID, BEGAN, PROBLEM_TOLD = "incident.request_id", "incident.began", "incident.problem_told"
PASSED_ON = "incident.passed_on"                         # a stranger's proxy stands between us and the caller
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
NO_ROUTE, OTHER_METHOD = "none", "other"
CAREFUL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
log = structlog.get_logger(__name__)


class Doorway:
    """A WSGI layer that gives each request its id (`X-Request-ID`, when the caller sent a sane one), its start and
    its language."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request; every line logged meanwhile carries its id."""
        environ[BEGAN] = time.perf_counter()
        language = language_asked_for(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        with logs.request(environ.get("HTTP_X_REQUEST_ID")) as id, spoken_in(language):
            environ[REQUEST_ID] = id
            return self.app(environ, start_response)


def watch(app: Flask) -> None:
    """Put the doorway in front of `app`."""
    app.wsgi_app = Doorway(app.wsgi_app)                    # type: ignore[method-assign]
    app.after_request(_note)
    app.after_request(_send_off)


def route() -> str:
    """The rule of the address that is being called, which names nobody, as the address itself may."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def _note(response: Response) -> Response:
    """Count the request, and write its one log line: the route, never the path or the query, which may name people."""
    environ = request.environ
    seconds = time.perf_counter() - environ.get(BEGAN, time.perf_counter())
    method = request.method if request.method in METHODS else OTHER_METHOD
    metrics.REQUEST_SECONDS.labels(route(), method, str(response.status_code)).observe(seconds)
    log.info("request", method=method, route=route(), status=response.status_code, ms=round(seconds * 1000, 1),
             **environ.get(PROBLEM_TOLD, {}))
    return response


def _send_off(response: Response) -> Response:
    """Add what every answer carries, unless its view chose otherwise. What has an ETag may be kept, and asked about."""
    chosen = {name.lower() for name, _ in response.headers}             # to ask for one that is not there costs more
    kept = {"Cache-Control": "private, no-cache" if "etag" in chosen else "no-store"}
    for name, value in (CAREFUL | kept).items():
        if name.lower() not in chosen:
            response.headers.add(name, value)
    response.vary.add("Accept-Language")
    if id := request.environ.get(REQUEST_ID):
        response.headers["X-Request-ID"] = id
    return response
