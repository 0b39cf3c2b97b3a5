"""`python -m tests.operations.toy_web`: a web process with a toy behind it; prints its port, serves until SIGTERM.

How long an upload may wait for its turn is given in seconds.
"""

import hashlib
import sys
import threading
from typing import Any

from flask import Flask, request

from incident_service.operations.premises import listen
from incident_service.operations.web_server import serve

BODY_BYTES_MAX = 9_000_000                      # more than may lie in memory
slow_may_answer, upload_has_begun = threading.Event(), threading.Event()


def toy() -> Flask:
    """An application that echoes, waits, and tells who is calling."""
    app = Flask("toy")
    app.config.update(WEB_THREADS=2, WEB_CONNECTIONS_MAX=500, MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
                      UPLOAD_WAIT_SECONDS_MAX=float(sys.argv[1]), TRUSTED_PROXIES=["127.0.0.0/8"])

    @app.post("/echo")
    def echo() -> Any:
        return request.get_data()

    @app.post("/digest")
    def digest() -> str:
        return hashlib.file_digest(request.stream, "sha256").hexdigest()

    @app.get("/slow")
    def slow() -> str:
        slow_may_answer.wait(30)
        return "at last"

    @app.post("/upload")
    def upload() -> str:
        upload_has_begun.set()
        return slow()

    @app.get("/begun")
    def begun() -> str:
        return str(upload_has_begun.wait(30))

    @app.get("/now")
    def now() -> str:
        slow_may_answer.set()
        return "now"

    @app.get("/caller")
    def caller() -> dict[str, Any]:
        return {"address": request.remote_addr, "scheme": request.scheme}

    return app


if __name__ == "__main__":
    listening = listen("127.0.0.1", 0)
    sys.stdout.write(f"{listening[0].getsockname()[1]}\n")
    sys.stdout.flush()
    serve(toy(), listening)
