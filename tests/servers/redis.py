"""A real Redis server in a folder."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.base import embedded_redis_url, run_folder
from incident_service.operations.embedded_redis import answers, command
from tests.servers.children import child_of_ours


@contextmanager
def start_redis(folder: Path) -> Iterator[str]:
    """A Redis server that keeps its file in `folder`; its URL. The same folder gives the same URL and data again."""
    socket = run_folder(folder) / "redis.sock"
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = embedded_redis_url(socket.parent)
    with child_of_ours(command(folder, socket)) as server:
        while not answers(url):
            if server.poll() is not None:
                raise RuntimeError((folder / "redis.log").read_text())
            time.sleep(0.02)
        yield url
