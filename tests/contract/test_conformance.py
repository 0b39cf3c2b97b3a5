"""The service answers as its document says, whoever asks and whatever is sent."""

from contextlib import nullcontext, suppress
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as by_document

from tests.contract.world import World
from tests.factories import Town

EXAMPLES = {GenerationMode.POSITIVE: 6, GenerationMode.NEGATIVE: 3}
CHECKS = [
    checks.not_a_server_error, by_document.status_code_conformance, by_document.content_type_conformance,
    by_document.response_schema_conformance, by_document.response_headers_conformance,
]
OFTEN = settings(deadline=None, phases=[Phase.explicit, Phase.generate], database=None, derandomize=True,
                 suppress_health_check=list(HealthCheck))


@pytest.fixture
def world(town: Town, phone_of, run_jobs) -> World:
    return World(town, phone_of, run_jobs)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_documented(app: Flask, world: World, mode: GenerationMode, subtests):
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operations = [found.ok() for found in document.exclude(path="/readyz").get_all_operations()]     # Redis is away
    assert len(operations) > 30
    for operation in operations:
        with subtests.test(operation.label), (
                suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext()):  # nothing to get wrong
            Trial(operation, mode, world).run()


class Trial:
    """One operation, called by everybody."""

    def __init__(self, operation: Any, mode: GenerationMode, world: World) -> None:
        self.operation, self.mode, self.world = operation, mode, world

    def run(self) -> None:
        """Send a number of requests that fit the document, or that do not."""
        made_up, people = self.operation.as_strategy(generation_mode=self.mode), sorted(self.world.people)

        @settings(OFTEN, max_examples=EXAMPLES[self.mode])
        @given(made_up, st.sampled_from(people), st.data())
        def send(case: Any, who: str, data: st.DataObject) -> None:
            if self.mode is GenerationMode.POSITIVE:
                self.world.make_plausible(case, data.draw)
            else:
                (case.headers or {}).pop("If-Match", None)          # 412 would be right, and say nothing of the rest
            self.send(case, self.world.token_of(who))

        send()

    def send(self, case: Any, token: str) -> None:
        """Send one request in somebody's name."""
        if not token:
            case.headers = {name: value for name, value in (case.headers or {}).items() if name != "Authorization"}
        response = case.call(headers={"Authorization": f"Bearer {token}"} if token else {})
        refusal = [by_document.negative_data_rejection] if self.mode is GenerationMode.NEGATIVE and token else []
        case.validate_response(response, checks=CHECKS + refusal)
