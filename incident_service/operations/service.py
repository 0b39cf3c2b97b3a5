"""From nothing to a running installation, and back."""

import http.client
import os
import shutil
import socket
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from incident_service.foundation.loading import loaded_for_good
from incident_service.operations import embedded_redis, premises, processes
from incident_service.operations.premises import StartRefused
from incident_service.operations.supervisor import Stopped, Supervisor

READY_SECONDS_MAX = 60.0


def run(settings: Any) -> None:
    """Start everything, say where it is, and stay until told to stop. Raises StartRefused."""
    premises.check_addresses(settings)
    premises.prepare_folders(settings.DATA_DIR, settings.RUN_DIR)
    premises.check_is_restored(settings.DATA_DIR)
    premises.lock(settings.RUN_DIR / "supervisor.lock", data_dir=settings.DATA_DIR)
    web = premises.listen(settings.HOST, settings.PORT)
    pictures, copies = (premises.listen_privately(settings.RUN_DIR / name) for name in ("press.sock", "copies.sock"))
    supervisor = Supervisor(stop_seconds_max=settings.STOP_SECONDS_MAX)
    try:
        _start(settings, supervisor, web, pictures, copies)
        supervisor.watch()
    except Stopped:
        click.echo("Stopping ...")
    finally:
        for listening in (*web, pictures, copies):
            listening.close()
        supervisor.stop()


def _start(settings: Any, supervisor: Supervisor, web: list[socket.socket], pictures: socket.socket,
           copies: socket.socket) -> None:
    """Start Redis, load the application beside it, prepare the database, and fork everybody else."""
    if settings.REDIS_IS_EMBEDDED:
        supervisor.add([embedded_redis.child(settings)])
    _set_up_process(settings.METRICS_DIR)
    app = _load_application(settings)
    if settings.REDIS_IS_EMBEDDED and not supervisor.wait_until(
            partial(embedded_redis.answers, settings.REDIS_URL), seconds_max=embedded_redis.START_SECONDS_MAX):
        raise StartRefused(f"The embedded Redis server does not start; see {settings.DATA_DIR / 'redis/redis.log'}.")
    house = import_module("incident_service.operations.household")
    if not supervisor.do(partial(house.prepare, app), name="prepare"):
        raise StartRefused
    processes.share_memory()
    supervisor.add(house.household(app, web, pictures, copies))
    address = premises.address_of(web[0])
    if not supervisor.wait_until(partial(_answers, address), seconds_max=READY_SECONDS_MAX):
        raise StartRefused(f"No web process answers after {READY_SECONDS_MAX:.0f} s; the log says why.")
    click.echo(f"\n{settings.TOWN_NAME}  {address}\n{house.greeting(app)}\nCtrl-C stops everything.\n")


def _set_up_process(metrics: Path) -> None:
    """What must be so before the application is imported: it is inherited by all that is forked."""
    processes.spare_memory()
    processes.allow_many_files()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")           # numpy would start threads when imported
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)


def _load_application(settings: Any) -> Any:
    """The application, imported only now that the process is set up for it, and its document."""
    with loaded_for_good():
        try:
            app = import_module("incident_service.app").create_app()
        except OSError as error:
            raise StartRefused(f"The data folder {settings.DATA_DIR} cannot be used: {error}.") from error
        import_module("incident_service.web.documents").put_together(app)
    return app


def _answers(address: str) -> bool:
    """Whether a web process answers at `address`."""
    at = urlsplit(address)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
