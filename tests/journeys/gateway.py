"""The city's message gateway, played by a test: it remembers what it was handed, and drops doubles by their id."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Gateway:
    """Where messages arrive."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/"
        self.messages: dict[str, dict[str, Any]] = {}


@contextmanager
def a_gateway() -> Iterator[Gateway]:
    """A gateway that is there inside the block."""
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.messages[message["id"]] = message
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    gateway = Gateway(server.server_port)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
