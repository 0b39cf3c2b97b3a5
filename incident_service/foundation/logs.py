"""Structured logs: one JSON line an event, each with the id of the request it belongs to, jobs included."""

import json
import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import orjson
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from incident_service.foundation.ids import new_id

PHONE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def open_logs(*, level: int = logging.INFO) -> None:
    """Send every log line of this process, the libraries' too, to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        _hide_phones,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(_as_json),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # no line says where in the code or in which process it was written: to find that out takes a third of its time
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for noisy in ("rq", "waitress.queue", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _as_json(event: Any, **_: Any) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:                               # half a character, or a number of more than 64 bits
        return json.dumps(event, ensure_ascii=False, default=str)


def _hide_phones(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A telephone number that slipped into a log line is masked: the last line of defence, not the first."""
    for name, value in event.items():
        if isinstance(value, str) and PHONE.search(value):
            event[name] = PHONE.sub("1**********", value)
    return event


@contextmanager
def request(given: str | None) -> Iterator[str]:
    """Bind the id of a request to every line logged inside; a missing or odd one is replaced by a new id."""
    before = dict(get_contextvars())
    chosen = given if given and REQUEST_ID.fullmatch(given) else str(new_id())
    bind_contextvars(request_id=chosen)
    try:
        yield chosen
    finally:
        clear_contextvars()
        bind_contextvars(**before)


def instance(request_id: str) -> str:
    """The `urn:uuid:` by which a problem names the request; made from its id when the caller's was no UUID."""
    try:
        return UUID(request_id).urn
    except ValueError:
        return uuid5(NAMESPACE_OID, request_id).urn


def request_id() -> str:
    """The id of the request being served, or a new one when nobody asked (a command, a scheduler)."""
    return str(get_contextvars().get("request_id") or new_id())
