"""Which problems a route may answer, read off the route itself, so that no view repeats the list.

Who may call it, what it parses, whether it takes an idempotency key and what stands in its path decide most of
it; what its verb refuses besides, the view names with `Blueprint.refuses`.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import marshmallow
from marshmallow import INCLUDE, fields

from incident_service.foundation import problems
from incident_service.foundation.headers import ON_REFUSAL
from incident_service.foundation.problems import Problem

PROBLEM = "application/problem+json"
BODY_REFUSALS = (problems.BadRequest, problems.TooLarge, problems.UnsupportedType, problems.Invalid)


class Access(NamedTuple):
    """Who may call a view: anyone, or who is signed in and holds one of `roles` (any role when none is named)."""

    is_open: bool
    roles: tuple[str, ...] = ()


class FieldProblem(marshmallow.Schema):
    """What is wrong with one part of what was sent."""
    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemOutput(marshmallow.Schema):
    """RFC 9457: what went wrong, for whoever can act on it. Some problems say more in members of their own."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem))


def document(view: Callable[..., Any], rule: str) -> None:
    """Add to a view's part of the API document what it may refuse and whether a token is needed."""
    described: dict[int, dict[str, None]] = {}
    for kind in _refusals(view, rule):
        described.setdefault(kind.status, {})[f"{kind.title.in_language('en')} (`{kind.slug}`)"] = None
    record = view.__dict__.setdefault("_apidoc", {})
    responses = record.setdefault("response", {}).setdefault("responses", {})
    for status, sentences in sorted(described.items()):
        responses.setdefault(status, []).append(
            {"description": "; ".join(sentences), "schema": ProblemOutput, "content_type": PROBLEM,
             **ON_REFUSAL.get(status, {})})
    access = getattr(view, "access", None)
    manual = record.setdefault("manual_doc", {})
    if access is not None:
        manual.setdefault("security", [] if access.is_open else [{"bearer": []}])


def _refusals(view: Callable[..., Any], rule: str) -> Iterator[type[Problem]]:
    yield problems.Unavailable
    access = getattr(view, "access", Access(is_open=True))
    if not access.is_open:
        yield problems.Unauthenticated
    if access.roles:
        yield problems.Forbidden
    if "<" in rule:
        yield problems.NotFound
    for argument in getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", ()):
        yield from (problems.Invalid,) if argument["in"] == "query" else BODY_REFUSALS
    if getattr(view, "is_idempotent", False):
        yield from (problems.Conflict, problems.Invalid)
    yield from getattr(view, "refuses", ())
