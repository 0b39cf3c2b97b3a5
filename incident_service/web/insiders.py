"""Who may see figures about the inside: a caller on this machine, or one with METRICS_TOKEN."""

import hmac
from ipaddress import ip_address, ip_network

from flask import current_app, request

from incident_service.foundation.doorway import PASSED_ON


def is_insider() -> bool:
    """Whether the caller may see them. Behind a proxy nobody is on this machine, however near the proxy stands."""
    return _shows_the_token() or _calls_from_here()


def _shows_the_token() -> bool:
    token = current_app.config["METRICS_TOKEN"]
    shown = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())


def _calls_from_here() -> bool:
    """On loopback, and no proxy: neither one of ours that did not say for whom it asks, nor one unknown to us."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    proxies = (ip_network(each, strict=False) for each in current_app.config["TRUSTED_PROXIES"])
    is_a_proxy = any(address in each for each in proxies if each.version == address.version)
    return address.is_loopback and not is_a_proxy and not request.environ.get(PASSED_ON)
