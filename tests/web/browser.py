"""A real browser, where this machine has one, and a server for it to look at."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.serving import make_server

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-dev-shm-usage", "--enable-logging=stderr",
         "--window-size=1200,20000",                # what lies out of sight may not be drawn
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
PATIENCE_S = 60


@contextmanager
def served(app: Callable) -> Iterator[str]:
    """The address of a WSGI application that answers on loopback inside the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def looked_at(address: str, folder: Path, *, seconds: int, language: str = "zh-CN") -> tuple[str, list[str]]:
    """What the page has become after some seconds of the browser's time, and what its console complains of."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"No browser on this machine: none of {', '.join(NAMES)} was found.")
    done = subprocess.run(
        [found, *FLAGS, f"--user-data-dir={folder}", f"--accept-lang={language}", f"--lang={language}",
         f"--virtual-time-budget={seconds * 1000}", "--dump-dom", address],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
