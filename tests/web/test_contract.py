"""The service answers as its document says, whatever is sent: tried with requests made up from the document."""

from contextlib import nullcontext, suppress

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as by_document

from incident_service import accounts
from incident_service.accounts import Account, Grant, Role, tokens
from tests.factories import CITY, Town, a_phone

EXAMPLES = 5
CHECKS = [
    checks.not_a_server_error, by_document.status_code_conformance, by_document.content_type_conformance,
    by_document.response_schema_conformance, by_document.response_headers_conformance,
    by_document.negative_data_rejection,
]


@pytest.fixture
def everybody(town: Town, phone_of, run_jobs) -> Account:
    """Somebody who holds every role in a city that has a case."""
    phone_of(town.resident).report()
    run_jobs()
    roles = [Grant(role, CITY, "traffic" if role is Role.OFFICER else None) for role in Role]
    return accounts.add_person(a_phone(), "某人", roles=roles)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_one_that_is_documented(app: Flask, everybody: Account, mode: GenerationMode):
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    operations = [found.ok() for found in document.exclude(path="/readyz").get_all_operations()]     # Redis is away
    assert len(operations) > 30
    for operation in operations:
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():   # nothing to get wrong
            try_out(operation, mode, tokens.start(everybody).access_token)


def try_out(operation, mode: GenerationMode, token: str) -> None:
    """Send a handful of requests that fit the document, or that do not."""
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.generate], database=None,
              derandomize=True, suppress_health_check=list(HealthCheck))
    def send(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    send()
