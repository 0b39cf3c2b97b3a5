"""The back door: one file per kind of job, each job one call into a room."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from flask import current_app
from rq import get_current_job

from incident_service.foundation import gate, outbox


def in_app(run: Callable[..., None]) -> Callable[..., None]:
    """Make a function a job: run it in a fresh application context, as the promise it was given for.

    The promise's own arguments count, not the ones that came by way of Redis.
    """
    @wraps(run)
    def job(**_arguments: object) -> None:
        current = get_current_job()
        if current is None:
            raise RuntimeError("A job is run by a worker.")
        with current_app.app_context():
            gate.check_is_finished()                # what is promised stays so
            outbox.keep(UUID(current.id), run)

    return job
