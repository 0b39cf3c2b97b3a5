"""What an installation needs before its first process: its folders, the lock on them, and its listening sockets.

Whatever is missing is said in one line, by `StartRefused`.
"""

import fcntl
import os
import socket
import stat
import time
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from incident_service.foundation import unfinished

LOCK_SECONDS_MAX = 2.0
BACKLOG = 1024
PORT_MAX = 65535


class StartRefused(Exception):
    """The installation cannot start. The message is one line for whoever started it."""


def check_addresses(settings: Any) -> None:
    """Make sure that the database's and Redis's addresses can be understood, whether or not anybody is there."""
    try:
        make_url(settings.SQLALCHEMY_DATABASE_URI).get_dialect().import_dbapi()
    except (ArgumentError, ImportError) as error:
        raise StartRefused(f"DATABASE_URL cannot be understood: {error}") from error
    try:
        Redis.from_url(settings.REDIS_URL)
    except ValueError as error:
        raise StartRefused(f"REDIS_URL cannot be understood: {error}") from error


def prepare_folders(data_dir: Path, run_dir: Path) -> None:
    """Make the data folder and the private folder for sockets and locks, and prove that both can be written."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        run_dir.mkdir(mode=0o700, exist_ok=True)
        for folder in (data_dir, run_dir):
            probe = folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"x")
            probe.unlink()
    except OSError as error:
        raise StartRefused(f"The data folder {data_dir} cannot be used: {error.strerror}.") from error
    if not _is_ours_alone(run_dir):
        raise StartRefused(f"The folder {run_dir} belongs to somebody else or is open to others.")


def check_is_restored(data_dir: Path) -> None:
    """Make sure that no restore has yet to be finished."""
    if unfinished.noted(data_dir) is not None:
        raise StartRefused("A restore was not finished: run `flask backup restore` once more, then start.")


def _is_ours_alone(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def lock(path: Path, *, data_dir: Path) -> int:
    """Take the lock that one supervisor at a time may hold on `data_dir`; the descriptor that keeps it.

    Children inherit it, so that after a `kill -9` it is free only when the last of them is gone: hence the wait.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                holder = os.read(descriptor, 20).decode() or "?"
                raise StartRefused(f"It is already running on {data_dir} (process {holder}).") from error
            time.sleep(0.05)
        else:
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            return descriptor


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets listening on every address that `host` stands for, port 0 meaning any that is free."""
    if port > PORT_MAX:
        raise StartRefused(f"PORT is {port}; no port is above {PORT_MAX}.")
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return [_listening(family, address) for family, _, _, _, address in dict.fromkeys(addresses)]
    except socket.gaierror as error:
        raise StartRefused(f"HOST is {host!r}, which is no address: {error.strerror}.") from error
    except OSError as error:
        raise StartRefused(f"Port {port} on {host} cannot be used: {error.strerror}. "
                           "Choose another with PORT=...") from error


def _listening(family: int, address: tuple[object, ...]) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listening.bind(address)
    listening.listen(BACKLOG)
    return listening


def listen_privately(path: Path) -> socket.socket:
    """A unix socket at `path` that only we may reach; one left over from an earlier run is replaced."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    listening.listen(BACKLOG)
    return listening


def address_of(listening: socket.socket) -> str:
    """The URL under which a browser on this machine reaches `listening`."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
