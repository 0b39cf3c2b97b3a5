"""Speaking to the city's message gateway: one signed JSON POST, with time-outs."""

import hashlib
import hmac
import http.client
from urllib.parse import urlsplit, urlunsplit

import orjson
from flask import current_app

TIMEOUT_S = 5
SIGNATURE = "X-Signature-SHA256"


class GatewayRefused(OSError):
    """The gateway answered, but not with a 2xx."""


def send(address: str, **message: str) -> None:
    """POST `message` as JSON to `address`, signed with GATEWAY_SECRET. Raises OSError when it did not get through.

    May reach the gateway twice: every message carries an id by which it can drop doubles.
    """
    body = orjson.dumps(message)
    secret = current_app.config["GATEWAY_SECRET"].encode()
    headers = {"Content-Type": "application/json", SIGNATURE: hmac.new(secret, body, hashlib.sha256).hexdigest()}
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", urlunsplit(("", "", parts.path or "/", parts.query, "")), body, headers)
        status = connection.getresponse().status
    except http.client.HTTPException as error:
        raise GatewayRefused(str(error)) from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise GatewayRefused(f"The gateway answered {status}.")
