"""The API document names every problem that follows from a route's own shape."""

import pytest
from flask import Flask

from incident_service.foundation.http import Api, Blueprint, Schema, Text
from incident_service.foundation.idempotency import idempotent
from incident_service.foundation.problems import Conflict, NotFound, PreconditionFailed
from incident_service.foundation.refusals import Access
from incident_service.foundation.words import both


class Taken(Conflict):
    """Somebody else was first."""
    slug, title = "taken", both("已被占用", "Taken")


class Needed(Schema):
    """Something that must be said."""
    word = Text(required=True)


class Optional(Schema):
    """Something that may be said."""
    word = Text()


def open_to(*roles, is_open=False):
    def mark(view):
        view.access = Access(is_open, roles)
        return view

    return mark


@pytest.fixture(scope="module")
def operations():
    bp = Blueprint("toys", __name__)

    @bp.get("/open")
    @open_to(is_open=True)
    @bp.response(200, Needed)
    def look() -> None:
        """Look."""

    @bp.get("/list")
    @open_to()
    @bp.arguments(Optional, location="query")
    @bp.response(200, Needed)
    def search() -> None:
        """Search."""

    @bp.post("/toys/<int:id>")
    @open_to("admin")
    @bp.refuses(Taken, PreconditionFailed)
    @bp.arguments(Needed)
    @idempotent
    @bp.response(201, Needed)
    def change() -> None:
        """Change."""

    @bp.patch("/toys")
    @open_to()
    @bp.refuses(NotFound)
    @bp.arguments(Optional)
    @bp.response(200, Needed)
    def rename() -> None:
        """Rename."""

    app = Flask("toys")
    app.config.update(API_TITLE="toys", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = Api(app)
    api.register_blueprint(bp)
    return {f"{method} {path}": operation for path, methods in api.as_document()["paths"].items()
            for method, operation in methods.items() if method != "parameters"}


@pytest.mark.parametrize(("operation", "answers"), [
    ("get /open", {"200", "503"}),
    ("get /list", {"200", "401", "422", "503"}),
    ("post /toys/{id}", {"201", "400", "401", "403", "404", "409", "412", "413", "415", "422", "503"}),
    ("patch /toys", {"200", "400", "401", "404", "413", "415", "422", "503"}),
])
def test_a_route_documents_exactly_what_it_may_answer(operations, operation, answers):
    assert set(operations[operation]["responses"]) == answers


def test_problems_are_documented_as_problems_and_by_name(operations):
    conflict = operations["post /toys/{id}"]["responses"]["409"]
    assert conflict["content"]["application/problem+json"]["schema"]["$ref"].endswith("/ProblemOutput")
    assert "`taken`" in conflict["description"]
    assert "`conflict`" in conflict["description"]


def test_a_route_says_whether_it_needs_a_token(operations):
    assert operations["get /open"]["security"] == []
    assert operations["get /list"]["security"] == [{"bearer": []}]


def test_a_body_is_required_when_something_in_it_is(operations):
    assert operations["post /toys/{id}"]["requestBody"]["required"] is True
    assert operations["patch /toys"]["requestBody"]["required"] is False


def test_a_fault_in_the_document_is_told_each_time_it_is_asked_for(monkeypatch):
    bp = Blueprint("faulty", __name__)
    bp.get("/toy")(open_to(is_open=True)(lambda: None))
    app = Flask("toys")
    app.config.update(API_TITLE="toys", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = Api(app)
    api.register_blueprint(bp)
    with monkeypatch.context() as for_now:
        for_now.setattr(bp, "_prepare_doc_cbks", [None])
        for _ in range(2):
            with pytest.raises(TypeError):
                api.as_document()
    assert list(api.as_document()["paths"]) == ["/toy"]
