"""The pages that `type` points at."""

import pytest

from incident_service.foundation.problems import Problem
from incident_service.web.problem_types import ADVICE, problem_types


def test_whatever_type_a_problem_bears_there_is_a_page(client):
    answer = client.post("/api/v1/tokens", json={"phone": 1})
    page = client.get(answer.json["type"])
    assert (answer.status_code, page.status_code, page.mimetype) == (422, 200, "text/html")
    assert answer.json["title"] in page.text


def test_every_kind_is_explained_in_both_languages(client):
    chinese, english = client.get("/problems").text, client.get("/problems?lang=en").text
    for kind in problem_types().values():
        assert f'id="{kind.slug}"' in chinese
        assert kind.title.in_language("zh") in chinese
        assert kind.advice.in_language("zh") in chinese
        assert client.get(f"/problems/{kind.slug}?lang=en").status_code == 200
    assert "Sign in first" in english


def test_no_kind_goes_without_advice_of_its_own():
    assert {kind.status for kind in problem_types().values()} <= set(ADVICE)


def test_the_general_kind_speaks_for_a_slug_that_special_ones_share():
    class Special(Problem):
        """Shares the slug of the general one."""

    assert problem_types()["internal"].meaning.startswith("A fault of ours")
    assert Special.slug == "internal"


@pytest.mark.parametrize("slug", ["nothing-like-it", "%00", "..%2f..%2fetc", "<script>"])
def test_a_slug_that_is_none_is_not_found(client, slug):
    answer = client.get(f"/problems/{slug}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
