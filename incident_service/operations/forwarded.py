"""Who is calling, when a proxy stands in front: believed from the proxies that the settings name, from nobody else."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import structlog

from incident_service.foundation.doorway import PASSED_ON

HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
           "HTTP_X_FORWARDED_PREFIX", "HTTP_X_REAL_IP", "HTTP_FORWARDED")
log = structlog.get_logger(__name__)


class Forwarded:
    """A WSGI layer that puts the caller's own address into REMOTE_ADDR. `trusted` are addresses or networks."""

    def __init__(self, app: Any, trusted: Iterable[str]) -> None:
        self.app = app
        self.trusted = [ip_network(each, strict=False) for each in trusted]
        self.has_warned = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer a request, with nothing left in it that just anybody could have written."""
        if self._trusts(_address(environ.get("REMOTE_ADDR", ""))):
            self._believe(environ)
        elif any(header in environ for header in HEADERS):
            environ[PASSED_ON] = True           # by a proxy we do not know: its own address says nothing
            self._warn(environ)
        for header in HEADERS:
            environ.pop(header, None)
        return self.app(environ, start_response)

    def _warn(self, environ: dict[str, Any]) -> None:
        """Say once in the life of a process that the settings may have forgotten a proxy."""
        if not self.has_warned:
            self.has_warned = True
            log.warning("forwarded-not-trusted", peer=environ.get("REMOTE_ADDR"), setting="TRUSTED_PROXIES",
                        meaning="A peer that TRUSTED_PROXIES does not name sends forwarded headers. If it is your "
                                "proxy, name it there: else all callers behind it share one caller's limits.")

    def _believe(self, environ: dict[str, Any]) -> None:
        for hop in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            address = _address(hop.strip())
            if address is None:
                break
            environ["REMOTE_ADDR"] = str(address)
            if not self._trusts(address):
                break                           # the caller; what stands further left is only what it claims
        if (scheme := _last(environ, "HTTP_X_FORWARDED_PROTO")) in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if host := _last(environ, "HTTP_X_FORWARDED_HOST"):
            environ["HTTP_HOST"] = host

    def _trusts(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self.trusted)


def _address(written: str) -> IPv4Address | IPv6Address | None:
    """The address in `written`, None when there is none. IPv4 in IPv6 clothes is IPv4."""
    try:
        address = ip_address(written)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _last(environ: dict[str, Any], header: str) -> str:
    """What the nearest proxy said."""
    return str(environ.get(header, "")).rpartition(",")[2].strip()
