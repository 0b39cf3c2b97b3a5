"""Requests as the document of the API allows them, or forbids them: made up once, to be sent to every installation."""

import json
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.contract.world import PEOPLE

EXAMPLES = {GenerationMode.POSITIVE: 6, GenerationMode.NEGATIVE: 3}
OFTEN = settings(deadline=None, phases=[Phase.explicit, Phase.generate], database=None, derandomize=True,
                 suppress_health_check=list(HealthCheck))


class MadeUp(NamedTuple):
    """A request, who sends it, and a number that decides what of it is made plausible."""

    case: Any
    who: str
    chance: int


@cache
def operations(document: str) -> list[Any]:
    """Everything a document describes. Reading it takes long, and all installations have the same."""
    described = schemathesis.openapi.from_dict(json.loads(document)).exclude(path="/readyz")        # Redis is away
    return [found.ok() for found in described.get_all_operations()]


@cache
def requests(document: str, mode: GenerationMode) -> dict[str, list[MadeUp]]:
    """A number of requests for each operation of a document, by its label; the same each time."""
    return {operation.label: _requests_for(operation, mode) for operation in operations(document)}


def _requests_for(operation: Any, mode: GenerationMode) -> list[MadeUp]:
    made_up: list[MadeUp] = []

    @settings(OFTEN, max_examples=EXAMPLES[mode])
    @given(operation.as_strategy(generation_mode=mode), st.sampled_from(PEOPLE), st.integers(0, 2 ** 32))
    def make_up(case: Any, who: str, chance: int) -> None:
        if mode is GenerationMode.NEGATIVE:
            (case.headers or {}).pop("If-Match", None)          # 412 would be right, and say nothing of the rest
        made_up.append(MadeUp(case, who, chance))

    with suppress(*[Unsatisfiable] if mode is GenerationMode.NEGATIVE else []):       # nothing to get wrong
        make_up()
    return made_up
