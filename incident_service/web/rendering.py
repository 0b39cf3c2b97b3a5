"""How a page is made: its language, and what a browser may do with it."""

from typing import Any

from flask import Response, make_response, render_template, request

from incident_service.foundation.words import LANGUAGES, callers_language

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
LANG_PARAMETER = {
    "in": "query", "name": "lang", "schema": {"type": "string"},
    "description": "`zh` or `en`; anything else leaves the choice to Accept-Language."}


def language_of_page() -> str:
    """`zh` or `en`: as `?lang=` says, else Accept-Language, else Chinese."""
    return _language_chosen() or callers_language()


def _language_chosen() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else ""


def page(template: str, *, status: int = 200, policy: str = POLICY, **values: Any) -> Response:
    """A page from a template, to which `say(zh, en)` gives a sentence in the reader's language."""
    language, chosen = language_of_page(), _language_chosen()
    rendered = render_template(
        template, language=language, keep_language=f"?lang={chosen}" if chosen else "",
        say=lambda zh, en: en if language == "en" else zh, **values)
    response = make_response(rendered, status)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Accept-Language")
    return response


def wants_page() -> bool:
    """Whether a person's browser is asking, and not a program."""
    is_for_programs = request.path.startswith("/api/v")
    return not is_for_programs and request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
