"""Which headers a route understands and gives, read off the route itself, so that no view repeats the list.

A view says that it is tagged (`Blueprint.tagged`), idempotent (`idempotent`), or that it minds a version: then
PreconditionFailed is among what it refuses.
"""

from collections.abc import Callable, Iterator
from typing import Any

from incident_service.foundation.problems import PreconditionFailed

ETAG = {"ETag": {"description": "Names this state of what was answered.", "schema": {"type": "string"}}}
IDEMPOTENCY_KEY = {
    "in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"},
    "description": "Same key, same content: the first answer again, for 24 hours. Same key, other content: 422."}
IF_NONE_MATCH = {
    "in": "header", "name": "If-None-Match", "schema": {"type": "string"},
    "description": "The ETag of what the caller holds: 304 while nothing has changed."}
IF_MATCH = {
    "in": "header", "name": "If-Match", "schema": {"type": "string"},
    "description": "The ETag of the state the caller has seen: 412 when it has changed meanwhile."}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_BEARER = {"WWW-Authenticate": {"description": "Always `Bearer`.", "schema": {"type": "string"}}}
ON_REFUSAL = {401: {"headers": _BEARER}, 429: {"headers": _RETRY_AFTER}, 503: {"headers": _RETRY_AFTER}}


def describe(view: Callable[..., Any]) -> None:
    """Add to a view's part of the API document the headers it understands and gives."""
    record = view.__dict__.setdefault("_apidoc", {})
    named_by_hand = record.get("manual_doc", {}).pop("parameters", ())     # left there, they would replace the rest
    if understood := [*named_by_hand, *_understood(view)]:
        record.setdefault("arguments", {}).setdefault("parameters", []).extend(understood)
    responses = record.setdefault("response", {}).setdefault("responses", {})
    if _is_tagged(view):
        responses[304] = [{"description": "Nothing has changed.", "content_type": None, "headers": ETAG}]
    if _is_tagged(view) or _minds_versions(view):
        for status in record.get("success_status_codes", ()):
            responses[status][0]["headers"] = ETAG


def _understood(view: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    if getattr(view, "is_idempotent", False):
        yield dict(IDEMPOTENCY_KEY)
    if _is_tagged(view):
        yield dict(IF_NONE_MATCH)
    if _minds_versions(view):
        yield dict(IF_MATCH)


def _is_tagged(view: Callable[..., Any]) -> bool:
    return getattr(view, "is_tagged", False)


def _minds_versions(view: Callable[..., Any]) -> bool:
    return any(issubclass(kind, PreconditionFailed) for kind in getattr(view, "refuses", ()))
