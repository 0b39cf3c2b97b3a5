"""The gate every request comes in by. It is closed for the moment in which everything changes at once: a restore.

Two locks on files, which the kernel gives back when their holder dies. A request holds `gate` only while it comes
in, so that those who keep coming never keep the gate from being closed, and `house` until it is answered.

While a restore has yet to be finished, nobody comes in at all (`unfinished`).
"""

import fcntl
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app, g, request

from incident_service.foundation import unfinished
from incident_service.foundation.problems import Unavailable
from incident_service.foundation.words import both

GATE, HOUSE = "gate.lock", "house.lock"
RETRY_AFTER_S = 5
LOOK_AGAIN_S = 0.02


class BeingRestored(Unavailable):
    """A backup is being restored at this moment."""
    slug, title = "being-restored", both("系统正在恢复备份，请稍后重试", "A backup is being restored, try again")


class RestoreUnfinished(BeingRestored):
    """A restore ended before its last step. Whoever runs the service runs it again."""
    slug = "restore-unfinished"
    title = both("上次恢复备份未完成，系统暂停服务；请管理员再次执行恢复",
                 "A restore was not finished, so the service is closed: its operator runs it again")


def keep_gate(app: Flask, *, always_open_to: Collection[str]) -> None:
    """Let requests in by the gate of this machine, all but those to the named endpoints."""

    @app.before_request
    def come_in() -> None:
        if request.endpoint not in always_open_to:
            g.inside = _come_in(current_app.config["RUN_DIR"])

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if (lock := g.pop("inside", None)) is not None:
            os.close(lock)


def _come_in(folder: Path) -> int | None:
    """The lock that says somebody is in the house; None where no installation has ever run. Raises BeingRestored."""
    try:
        gate = _lock_file(folder / GATE)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(gate, fcntl.LOCK_SH | fcntl.LOCK_NB)
        check_is_finished()
        house = _lock_file(folder / HOUSE)
        fcntl.flock(house, fcntl.LOCK_SH)
        return house
    except BlockingIOError as error:
        raise BeingRestored(retry_after_s=RETRY_AFTER_S) from error
    finally:
        os.close(gate)


def check_is_finished() -> None:
    """Raises RestoreUnfinished while a restore has yet to be finished."""
    if unfinished.noted(current_app.config["DATA_DIR"]) is not None:
        raise RestoreUnfinished(retry_after_s=RETRY_AFTER_S)


@contextmanager
def closed_gate(folder: Path, *, seconds_max: float) -> Iterator[None]:
    """Nobody comes in during the block, and it begins when the last who was in has left. Raises TimeoutError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds_max
    with _alone(folder / GATE, deadline), _alone(folder / HOUSE, deadline):
        yield


@contextmanager
def _alone(path: Path, deadline: float) -> Iterator[None]:
    lock = _lock_file(path)
    try:
        while not _is_ours(lock):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path.name} is held by somebody else")
            time.sleep(LOOK_AGAIN_S)
        yield
    finally:
        os.close(lock)


def _is_ours(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
