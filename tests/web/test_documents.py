"""The API's document, and the page that shows it."""

import json
import re
from functools import cache

import pytest
from flask import Flask
from openapi_spec_validator import validate

from incident_service.foundation.refusals import Access, ProblemOutput
from incident_service.web.documents import swagger_ui

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def document(client) -> dict:
    return client.get("/api/openapi.json").json


@pytest.fixture
def operations(document) -> dict[tuple[str, str], dict]:
    """Every operation by method and path."""
    return {(method.upper(), path): operation for path, item in document["paths"].items()
            for method, operation in item.items() if method.upper() in METHODS}


def routes(app: Flask):
    """Every rule but those of plain files."""
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith(".static")]


def test_the_document_is_valid(client):
    document = client.get("/api/openapi.json").text
    assert json.loads(document)["openapi"] == "3.1.0"
    look_through(document)


def test_no_command_prints_what_is_not_put_together_yet(app):
    assert "openapi" not in app.cli.list_commands(None)


@cache                                                  # it takes long, and every installation has the same
def look_through(document: str) -> None:
    validate(json.loads(document))


def test_every_route_is_documented_and_nothing_else(app, operations):
    hung = {(method, re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)) for rule in routes(app)
            for method in rule.methods & METHODS}
    assert set(operations) == hung


def test_every_route_says_who_may_call_it(app, operations):
    for rule in routes(app):
        access = app.view_functions[rule.endpoint].access
        assert isinstance(access, Access), rule
    secured = {key for key, operation in operations.items() if operation["security"] == [{"bearer": []}]}
    assert ("POST", "/api/v1/reports") in secured
    assert ("POST", "/api/v1/tokens") not in secured


def test_every_operation_has_a_sentence_and_a_name_of_its_own(operations):
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    assert all(operation["summary"].endswith(".") for operation in operations.values())


def test_every_refusal_is_a_problem(operations, document):
    assert set(document["components"]["schemas"]["ProblemOutput"]["required"]) >= {
        name for name, field in ProblemOutput().fields.items() if field.required}
    for key, operation in operations.items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], key
        assert "503" in operation["responses"]


def test_whoever_must_sign_in_may_be_refused(operations):
    for key, operation in operations.items():
        assert (operation["security"] == [{"bearer": []}]) <= ("401" in operation["responses"]), key


def test_posts_that_create_or_move_take_an_idempotency_key(operations):
    without = {path for (method, path), operation in operations.items() if method == "POST"
               and "Idempotency-Key" not in [each["name"] for each in operation.get("parameters", [])]}
    changing_nothing = {"/api/v1/areas/previews"}
    assert without == {"/api/v1/login-codes", "/api/v1/tokens", "/api/v1/tokens/refresh"} | changing_nothing


def test_what_phones_poll_bears_an_etag(operations):
    for path in ("/api/v1/me/notifications", "/api/v1/cases/{number}", "/api/v1/categories"):
        operation = operations["GET", path]
        assert "ETag" in operation["responses"]["200"]["headers"]
        assert "content" not in operation["responses"]["304"]
        assert "If-None-Match" in [each["name"] for each in operation["parameters"]]


def test_moves_of_a_case_mind_the_version_they_were_asked_for(operations):
    operation = operations["POST", "/api/v1/cases/{number}/closure"]
    assert {"If-Match", "Idempotency-Key"} <= {each["name"] for each in operation["parameters"]}
    assert {"409", "412"} <= set(operation["responses"])


def test_a_report_is_a_form_with_files(operations, document):
    [(kind, body)] = operations["POST", "/api/v1/reports"]["requestBody"]["content"].items()
    shape = document["components"]["schemas"][body["schema"]["$ref"].rsplit("/", 1)[1]]
    assert kind == "multipart/form-data"
    assert shape["properties"]["photos"]["items"] == {"type": "string", "format": "binary"}
    assert shape["additionalProperties"] is False


def test_a_program_that_has_the_document_is_told_so(client):
    tag = client.get("/api/openapi.json").headers["ETag"]
    assert client.get("/api/openapi.json", headers={"If-None-Match": tag}).status_code == 304


def test_the_page_brings_everything_it_needs(client):
    page = client.get("/api/docs")
    for address in re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|png))"', page.text):
        assert client.get(address, buffered=True).status_code == 200
    assert 'data-document="/api/openapi.json"' in page.text


def test_the_page_shows_documents_of_our_version(client):
    """Swagger UI before version 5 refuses OpenAPI 3.1."""
    with open(f"{swagger_ui.static_folder}/VERSION", encoding="utf-8") as file:
        assert int(file.read().lstrip("v").split(".")[0]) >= 5
