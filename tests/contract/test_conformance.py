"""The service answers as its document says, whoever asks and whatever is sent."""

from random import Random
from typing import Any

import pytest
from flask import Flask
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as by_document

from tests.contract import made_up
from tests.contract.made_up import MadeUp
from tests.contract.world import World
from tests.factories import Town

CHECKS = [
    checks.not_a_server_error, by_document.status_code_conformance, by_document.content_type_conformance,
    by_document.response_schema_conformance, by_document.response_headers_conformance,
]


@pytest.fixture
def world(town: Town, phone_of, run_jobs) -> World:
    return World(town, phone_of, run_jobs)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_documented(app: Flask, client, world: World, mode: GenerationMode, subtests):
    requests = made_up.requests(client.get("/api/openapi.json").text, mode)
    assert len(requests) > 30
    for operation, some in requests.items():
        with subtests.test(operation):
            for each in some:
                send(each, mode, world, app)


def send(request: MadeUp, mode: GenerationMode, world: World, app: Flask) -> None:
    """Send a request in somebody's name, and hold what is answered against the document."""
    case, token = request.case.derive(), world.token_of(request.who)
    if mode is GenerationMode.POSITIVE:
        world.make_plausible(case, Random(request.chance))
    if not token:
        case.headers = {name: value for name, value in case.headers.items() if name != "Authorization"}
    response = case.call(app=app, headers={"Authorization": f"Bearer {token}"} if token else {})
    refusal: list[Any] = [by_document.negative_data_rejection] if mode is GenerationMode.NEGATIVE and token else []
    case.validate_response(response, checks=CHECKS + refusal)
