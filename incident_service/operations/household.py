"""Who lives in an installation: every process that the supervisor keeps alive, and in which order they stop."""

import socket
from collections.abc import Iterator
from functools import partial

from flask import Flask

from config.duties import DUTIES
from config.jobs import QUEUES
from incident_service.operations.child import Child, Patience, Stage
from incident_service.operations.preparation import greeting, prepare
from incident_service.operations.processes import give_way
from incident_service.operations.scheduler_process import schedule
from incident_service.operations.web_server import serve
from incident_service.operations.worker import work
from incident_service.photos import press

__all__ = ["greeting", "household", "prepare"]
OF_A_PRESS = Patience(deaths_free=50, pause_s_max=0.5)      # dying of a picture is what a press is for


def household(app: Flask, web: list[socket.socket], pictures: socket.socket, copies: socket.socket) -> Iterator[Child]:
    """Everybody who is forked from the application, as many of each as the settings say."""
    config, limits = app.config, press.Limits.of(app.config)
    for _ in range(config["PRESS_WORKERS"]):
        yield Child("press", partial(press.serve, pictures, limits), Stage.ANSWERS, OF_A_PRESS)
    for _ in range(config["MEDIA_WORKERS"]):
        later = partial(press.serve, copies, limits.unhurried())
        yield Child("copies", partial(give_way, later), Stage.ANSWERS, OF_A_PRESS)
    for queue in QUEUES:
        for _ in range(config[f"{queue.upper()}_WORKERS"]):
            yield Child(queue, partial(work, app, queue), Stage.ASKS)
    for _ in range(config["WEB_WORKERS"]):
        yield Child("web", partial(serve, app, web), Stage.ASKS)
    yield Child("scheduler", partial(schedule, app, DUTIES), Stage.ASKS)
