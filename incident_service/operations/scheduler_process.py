"""The scheduler process: does each duty of the register when its time has come, if it is the one who may."""

import signal
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from werkzeug.utils import import_string

from incident_service.foundation import gate
from incident_service.foundation.problems import Unavailable
from incident_service.operations.heartbeat import Heartbeat, name_of_this_process
from incident_service.operations.leadership import Leadership, leadership_of
from incident_service.operations.signals import Signals

TICK_SECONDS = 1.0
REST_SECONDS_MAX = 60.0
AWAY = (RedisError, OperationalError, Unavailable)
log = structlog.get_logger(__name__)


@dataclass
class Duty:
    """Something done again and again. It may be done twice, or late: each one says why that is harmless."""

    name: str
    every_s: float
    call: Callable[[], object]
    due_at: float = 0.0
    is_running: bool = False
    is_waiting: bool = False
    faults: int = 0

    @property
    def is_due(self) -> bool:
        """Whether its time has come, and it is not being done still."""
        return not self.is_running and time.monotonic() >= self.due_at

    def begin(self) -> None:
        """Note that it is done from now on."""
        self.is_running, self.due_at = True, time.monotonic() + self.every_s

    def do(self, app: Flask) -> None:
        """Do it now, in a fresh application context. What fails is logged and comes again later."""
        try:
            with app.app_context():
                self.call()
        except AWAY as error:
            if not self.is_waiting:
                log.warning("duty-waits", duty=self.name, error=str(error))
            self.is_waiting = True
        except Exception:
            self.faults += 1
            self.due_at = time.monotonic() + min(self.every_s * 2.0**self.faults, REST_SECONDS_MAX)
            log.exception("duty-failed", duty=self.name)
        else:
            if self.is_waiting:
                log.info("duty-resumes", duty=self.name)
            self.is_waiting, self.faults = False, 0
        finally:
            self.is_running = False


def schedule(app: Flask, register: Mapping[str, float]) -> None:
    """Do the duties of the register, {entry point: every so many seconds}, until SIGTERM.

    Each has a thread of its own: what is due is found in time however long another one takes.
    """
    signals = Signals(signal.SIGTERM)
    duties = [Duty(name, every_s, while_open(import_string(name))) for name, every_s in register.items()]
    leadership = leadership_of(app)
    with (Heartbeat(app.extensions["queues"], "scheduler", name_of_this_process("scheduler")),
          ThreadPoolExecutor(len(duties), thread_name_prefix="duty") as hands):
        while signal.SIGTERM not in signals.wait(TICK_SECONDS):
            tick(duties, leadership, lambda duty: hands.submit(duty.do, app))


def while_open(call: Callable[[], object]) -> Callable[[], object]:
    """The same, but while a restore has yet to be finished nothing is done: RestoreUnfinished."""
    def do() -> object:
        gate.check_is_finished()
        return call()

    return do


def tick(duties: list[Duty], leadership: Leadership, do: Callable[[Duty], object]) -> None:
    """One look at the clock: what is due is begun, if we may."""
    due = [duty for duty in duties if duty.is_due]
    if due and leadership.is_ours():
        for duty in due:
            duty.begin()
            do(duty)
