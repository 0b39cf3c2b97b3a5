"""A real S3 API server, as a process of its own."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.children import child_of_ours

BUCKET = "photos"
START_SECONDS_MAX = 60


@contextmanager
def start_s3(folder: Path) -> Iterator[str]:
    """A server on a free port of loopback with an empty bucket called BUCKET; its URL."""
    log = folder / "s3.log"
    with log.open("wb") as output, child_of_ours(
            [sys.executable, "-u", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], stdout=output, stderr=output,
    ) as server:
        url = _address_in(log, server)
        urllib.request.urlopen(urllib.request.Request(f"{url}/{BUCKET}", method="PUT"), timeout=10).close()
        yield url


def _address_in(log: Path, server: "subprocess.Popen[bytes]") -> str:
    """The address which the server says it listens on."""
    for _ in range(START_SECONDS_MAX * 20):
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
            return found[0]
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.05)
            break
    raise RuntimeError(log.read_text())
