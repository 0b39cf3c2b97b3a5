"""Only proxies named in the settings may say who is calling."""

from typing import Any

import pytest
import structlog

from incident_service.operations.forwarded import HEADERS, Forwarded


def seen(trusted: list[str], **environ: str) -> dict[str, Any]:
    """What the application sees of a request."""
    found: dict[str, Any] = {}
    app = Forwarded(lambda environ, _: found.update(environ) or [], trusted)
    app({"REMOTE_ADDR": "10.0.0.1", "wsgi.url_scheme": "http", "HTTP_HOST": "inside", **environ}, None)
    return found


@pytest.mark.parametrize(("trusted", "hops", "address"), [
    ([], "203.0.113.9", "10.0.0.1"),
    (["10.0.0.2"], "203.0.113.9", "10.0.0.1"),
    (["10.0.0.1"], "203.0.113.9", "203.0.113.9"),
    (["10.0.0.1"], "6.6.6.6, 203.0.113.9", "203.0.113.9"),
    (["10.0.0.0/8"], "6.6.6.6,203.0.113.9, 10.0.0.7", "203.0.113.9"),
    (["10.0.0.0/8"], "10.0.0.9, 10.0.0.7", "10.0.0.9"),
    (["10.0.0.1"], "not an address", "10.0.0.1"),
    (["10.0.0.1"], "", "10.0.0.1"),
    (["10.0.0.1"], "::ffff:203.0.113.9", "203.0.113.9"),
    (["10.0.0.1"], "2001:db8::7", "2001:db8::7"),
])
def test_the_caller_is_the_last_address_that_no_trusted_proxy_has(trusted: list[str], hops: str, address: str):
    assert seen(trusted, HTTP_X_FORWARDED_FOR=hops)["REMOTE_ADDR"] == address


def test_no_forwarded_header_reaches_the_application():
    assert not set(HEADERS) & set(seen([], **dict.fromkeys(HEADERS, "x")))
    assert not set(HEADERS) & set(seen(["10.0.0.1"], **dict.fromkeys(HEADERS, "x")))


def test_scheme_and_host_come_from_the_nearest_trusted_proxy_alone():
    said = {"HTTP_X_FORWARDED_PROTO": "http, https", "HTTP_X_FORWARDED_HOST": "evil, city.example"}
    assert seen(["10.0.0.1"], **said)["wsgi.url_scheme"] == "https"
    assert seen(["10.0.0.1"], **said)["HTTP_HOST"] == "city.example"
    assert seen([], **said)["HTTP_HOST"] == "inside"
    assert seen(["10.0.0.1"], HTTP_X_FORWARDED_PROTO="javascript")["wsgi.url_scheme"] == "http"


def test_a_proxy_that_the_settings_do_not_name_is_pointed_out_once():
    app = Forwarded(lambda *_: [], ["10.0.0.1"])
    with structlog.testing.capture_logs() as lines:
        for peer in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
            app({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, None)
        app({"REMOTE_ADDR": "10.0.0.4"}, None)
    assert [(line["event"], line["log_level"], line["peer"], line["setting"]) for line in lines] == [
        ("forwarded-not-trusted", "warning", "10.0.0.2", "TRUSTED_PROXIES")]
