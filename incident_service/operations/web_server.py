"""One web process: waitress on listening sockets that all web processes share.

A request takes a thread only once its body has arrived, so a phone on a bad line blocks nobody; and uploads never take
all threads, so neither does a picture that is looked at for long.
"""

import logging
import resource
import signal
import socket
import time
from typing import Any

from flask import Flask
from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from incident_service.operations.forwarded import Forwarded
from incident_service.operations.premises import BACKLOG
from incident_service.operations.refusals import Channel
from incident_service.operations.uploads import Dispatcher

HEADER_BYTES_MAX = 32 * 1024
RECEIVE_BYTES = 256 * 1024
FILES_OF_OTHERS = 100                           # descriptors left for databases, photos, logs
FINISH_SECONDS_MAX = 5.0


def serve(app: Flask, listening: list[socket.socket]) -> None:
    """Answer requests until SIGTERM; those that have begun are finished first."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)      # waiting is no event: /metrics shows it
    dispatchers: dict[int, Any] = {}
    threads = Dispatcher(app.config["WEB_THREADS"], wait_s_max=app.config["UPLOAD_WAIT_SECONDS_MAX"])
    create_server(Forwarded(app, app.config["TRUSTED_PROXIES"]), map=dispatchers, sockets=listening,
                  _dispatcher=threads, **_adjustments(app.config))
    doors = [each for each in dispatchers.values() if isinstance(each, BaseWSGIServer)]
    for door in doors:
        door.channel_class = Channel
    stop_asked: list[int] = []

    def ask_to_stop(number: int, _frame: Any) -> None:
        stop_asked.append(number)
        doors[0].pull_trigger()

    signal.signal(signal.SIGTERM, ask_to_stop)
    while not stop_asked:
        _turn(dispatchers)
        threads.send_back_late_ones()
    _finish(dispatchers, doors)
    threads.shutdown(timeout=1)


def _adjustments(config: Any) -> dict[str, Any]:
    files_max, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "connection_limit": max(1, min(config["WEB_CONNECTIONS_MAX"], files_max - FILES_OF_OTHERS)),
        "max_request_body_size": config["MAX_CONTENT_LENGTH"] + 1,   # waitress refuses what equals it
        "max_request_header_size": HEADER_BYTES_MAX,
        "recv_bytes": RECEIVE_BYTES,
        "backlog": BACKLOG,
        "ident": "",
        "clear_untrusted_proxy_headers": False,                      # `Forwarded` does
    }


def _turn(dispatchers: dict[int, Any]) -> None:
    wasyncore.loop(timeout=1.0, use_poll=True, map=dispatchers, count=1)


def _finish(dispatchers: dict[int, Any], doors: list[BaseWSGIServer]) -> None:
    """Let nobody in any more, and go on until those who are in have their answer, or the time is up."""
    for door in doors:
        wasyncore.dispatcher.close(door)
    deadline = time.monotonic() + FINISH_SECONDS_MAX
    while time.monotonic() < deadline and any(_is_busy(each) for each in dispatchers.values()):
        _turn(dispatchers)


def _is_busy(dispatcher: Any) -> bool:
    return isinstance(dispatcher, HTTPChannel) and bool(
        dispatcher.requests or dispatcher.request or dispatcher.total_outbufs_len)
