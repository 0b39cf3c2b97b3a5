"""Sentences in two languages."""

import pytest

from incident_service.foundation.words import both, callers_language, spoken_in


@pytest.mark.parametrize("zh, en, values, said", [
    ("已结案", "closed", {}, "closed"),
    ("{name}已结案", "{name} is closed", {"name": both("占道", "blocked lane")}, "blocked lane is closed"),
    ("{{甲}}", "{{A}}", {}, "{A}"),
    ("甲}}", "A}}", {}, "A}"),
    ("{{", "{{", {"unused": 1}, "{"),
])
def test_gaps_are_filled_and_doubled_braces_are_one_with_gaps_or_without(zh, en, values, said):
    words = both(zh, en, **values)
    assert words.in_language("en") == said == str(words)


def test_a_gap_that_nobody_fills_is_an_error():
    with pytest.raises(KeyError):
        both("{name}", "{name}").in_language("en")


def test_what_is_spoken_ends_with_the_block():
    with spoken_in("en"):
        assert callers_language() == "en"
    assert callers_language() == "zh"
