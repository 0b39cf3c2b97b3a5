"""The front page, and the pages that explain problems."""

from zoneinfo import ZoneInfo

from flask import Response, abort, current_app
from werkzeug.exceptions import NotFound as NoSuchPage

from incident_service.accounts import anyone
from incident_service.foundation.http import Blueprint, answer
from incident_service.foundation.problems import NotFound
from incident_service.web import demo
from incident_service.web.problem_types import problem_types
from incident_service.web.rendering import LANG_PARAMETER, language_of_page, page, wants_page

HTML = {"type": "string"}
bp = Blueprint("pages", __name__, static_folder="static", template_folder="templates", description="网页")


@bp.get("/")
@anyone
@bp.doc(parameters=[LANG_PARAMETER])
@bp.response(200, HTML, content_type="text/html")
def front() -> Response:
    """What this is, where its API is described, and in development the demo town."""
    cast = demo.cast()
    return page("front.html", cast=cast, steps=demo.STEPS, zone=ZoneInfo(current_app.config["TIME_ZONE"]),
                cases=demo.latest(language_of_page()) if cast else [])


@bp.get("/problems")
@anyone
@bp.doc(parameters=[LANG_PARAMETER])
@bp.response(200, HTML, content_type="text/html")
def problems() -> Response:
    """Every kind of problem the service answers with."""
    return page("problems.html", kinds=problem_types().values())


@bp.get("/problems/<slug>")
@anyone
@bp.doc(parameters=[LANG_PARAMETER])
@bp.response(200, HTML, content_type="text/html")
def problem(slug: str) -> Response:
    """What one kind of problem means, and what to do about it: where `type` points."""
    kind = problem_types().get(slug) or abort(404)
    return page("problems.html", kinds=[kind], is_single=True)


@bp.app_errorhandler(404)
def no_such_page(_error: NoSuchPage) -> Response:
    """An address that does not exist: a page for people, a problem for programs."""
    return page("lost.html", status=404) if wants_page() else answer(NotFound())
