"""The pages as a browser shows them, with no network but the service itself."""

import re
from contextlib import closing

import pytest
from flask import Flask

from tests.factories import Phone, Town
from tests.web.browser import looked_at, served


@pytest.fixture
def demo(standing) -> Flask:
    """An application with the demo town in it."""
    return standing(SHOW_DEMO=True).application


def test_a_case_appears_on_an_open_page_by_itself(demo: Flask, tmp_path):
    numbers = []

    def report_once_the_page_is_out(environ, start_response):
        if environ["PATH_INFO"] != "/":
            return demo(environ, start_response)
        with closing(demo(environ, start_response)) as answer:
            page = list(answer)
        with demo.app_context():
            resident = Phone(demo.test_client(), Town().resident)
            numbers.append(resident.report().json["case_number"])
        return page

    with served(report_once_the_page_is_out) as address:
        page, complaints = looked_at(f"{address}/", tmp_path / "browser", seconds=5)
    [number] = numbers
    [card] = re.findall(r'<li class="case.*?</ol>\s*</li>', page.partition("<template")[0], re.DOTALL)
    assert number in card
    assert "消防通道占用" in card
    assert "派遣中" in card
    assert re.search(r'<time datetime="[^"]+" title="[^"]+">(现在|\d+秒钟?前)</time>', card)
    assert re.search(r'<p id="empty" class="empty" hidden="">', page)
    assert re.search(r'<span id="connection" class="connection"[^>]*>实时</span>', page)
    assert complaints == []


def test_the_page_says_when_it_cannot_be_kept_fresh(demo: Flask, tmp_path):
    def without_news(environ, start_response):
        if environ["PATH_INFO"] == "/demo/latest-cases":
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return demo(environ, start_response)

    with served(without_news) as address:
        page, _ = looked_at(f"{address}/?lang=en", tmp_path / "browser", seconds=3)
    assert re.search(r'<span id="connection" class="connection lost"[^>]*>Connection lost, trying again…</span>', page)


def test_the_api_can_be_browsed(demo: Flask, tmp_path):
    with served(demo) as address:
        page, complaints = looked_at(f"{address}/api/docs", tmp_path / "browser", seconds=5)
    shown = set(re.findall(r'data-path="([^"]+)"', page))
    assert {"/api/v1/reports", "/api/v1/cases/{number}", "/healthz"} <= shown
    assert "OAS 3.1" in page
    assert complaints == []
