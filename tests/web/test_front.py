"""The front page, for a person with a browser."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from incident_service.demo.people import PASSWORD, logins

CHINESE, ENGLISH = "随手拍一张，街坊的事有人管", "One photo, and somebody answers for it"
PAGES = ["/", "/problems", "/problems/invalid", "/api/docs"]


class Page(HTMLParser):
    """What a page makes a browser load and run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        for name, value in attrs:
            if name in ("src", "href", "action"):
                self.addresses.append(value or "")
            if name.startswith("on") or name == "style":
                self.inline.append(f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in in ("script", "style") and data.strip():
            self.inline.append(data)


def test_chinese_is_spoken_unless_another_language_is_asked_for(client: FlaskClient):
    assert CHINESE in client.get("/").text
    assert CHINESE in client.get("/", headers={"Accept-Language": "fr"}).text
    assert ENGLISH in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text


def test_a_chosen_language_counts_more_than_the_browsers(client: FlaskClient):
    page = client.get("/?lang=en", headers={"Accept-Language": "zh-CN"}).text
    assert ENGLISH in page
    assert '<html lang="en">' in page
    assert 'href="/api/docs?lang=en"' in page
    assert CHINESE in client.get("/?lang=zh", headers={"Accept-Language": "en"}).text
    assert CHINESE in client.get("/?lang=klingon").text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_and_runs_only_what_is_ours(demo_client: FlaskClient, path: str):
    answer = demo_client.get(path)
    page = Page(answer.text)
    policy = dict(each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";"))
    assert answer.mimetype == "text/html"
    assert [each for each in page.addresses if re.match(r"(?i)[a-z]+:|//", each)] == []
    assert page.inline == []
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_everything_a_page_points_at_is_there(demo_client: FlaskClient, path: str):
    for address in set(Page(demo_client.get(path).text).addresses):
        if address.startswith("/") and address != "/readyz":
            assert demo_client.get(address, buffered=True).status_code == 200, address


def test_the_demo_logins_are_shown_in_development(demo_client: FlaskClient):
    page = demo_client.get("/").text
    assert PASSWORD in page
    assert all(phone in page and role.in_language("zh") in page for phone, role in logins())


def test_outside_development_there_is_no_trace_of_a_demo(client: FlaskClient):
    page = client.get("/").text
    assert PASSWORD not in page
    assert "1390000" not in page
    assert "front.js" not in page
    assert client.get("/demo/latest-cases").status_code == 404
    assert "/demo/latest-cases" not in client.get("/api/openapi.json").json["paths"]


def test_without_cases_the_page_says_so(demo_client: FlaskClient):
    assert re.search(r'<p id="empty" class="empty">', demo_client.get("/").text)


def test_an_address_that_is_none_gets_a_page_for_people_and_a_problem_for_programs(client: FlaskClient):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page, problem = client.get("/nowhere", headers=browser), client.get("/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "没有这个页面" in page.text
    assert (problem.status_code, problem.mimetype, problem.json["type"]) == (
        404, "application/problem+json", "/problems/not-found")
    assert client.get("/api/v1/nowhere", headers=browser).mimetype == "application/problem+json"
