"""Phones that call a running installation over real HTTP, and say exactly what came back."""

import http.client
import json
import secrets
from contextlib import closing
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from incident_service.demo.caller import form
from incident_service.demo.people import LATITUDE, LONGITUDE, PASSWORD
from tests.factories import a_picture
from tests.operations.installation import until

TIMEOUT_S = 60
PLACE = {"longitude": LONGITUDE, "latitude": LATITUDE, "coordinate_system": "wgs84"}
STEP = 0.0002                                   # some 22 m: nobody joins the case of who stands there
RESIDENT, MANAGER, OFFICER, DESK, SUPERVISOR, ADMIN, NEIGHBOUR = (f"1390000000{n}" for n in range(1, 8))


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The slug of the problem it is; empty when it is none."""
        is_one = self.headers.get_content_type() == "application/problem+json"
        return self.json["type"].removeprefix("/problems/") if is_one else ""

    @property
    def is_excuse(self) -> bool:
        """Whether it says to come back later, as a problem that says when."""
        return self.status == 503 and bool(self.problem) and int(self.headers["Retry-After"]) > 0


class Handset:
    """A phone, signed in when a number of the demo town is given. Each call is a connection of its own."""

    def __init__(self, address: str, number: str = "") -> None:
        self.host, self.headers = urlsplit(address).netloc, {}
        self.place = PLACE | {"latitude": LATITUDE + STEP * (number == NEIGHBOUR)}
        if number:
            self.sign_in(phone=number, password=PASSWORD)

    def sign_in(self, **proof: str) -> None:
        answer = self.post("/tokens", proof)
        assert answer.status == 201, answer
        self.headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request. Raises OSError or HTTPException when the line breaks."""
        with closing(http.client.HTTPConnection(self.host, timeout=TIMEOUT_S)) as line:
            line.request(method, path, body, self.headers | headers)
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", f"/api/v1{path}", **headers)

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Send JSON."""
        return self.call("POST", f"/api/v1{path}", json.dumps(body or {}).encode(),
                         **{"Content-Type": "application/json"} | headers)

    def send(self, path: str, words: dict[str, Any], photos: list[bytes], **headers: str) -> Answer:
        """Send a form with pictures."""
        body, content_type = form(words, photos)
        return self.call("POST", f"/api/v1{path}", body, **{"Content-Type": content_type} | headers)

    def report(self, *photos: bytes, key: str = "", request_id: str = "", **words: Any) -> Answer:
        """Report a blocked fire lane where this phone is, in words nobody else uses, or whatever `words` say."""
        said = self.place | {"category": "fire_lane", "description": secrets.token_hex(8)} | words
        headers = {"Idempotency-Key": key, "X-Request-ID": request_id}
        return self.send("/reports", said, list(photos) or [a_picture()],
                         **{name: value for name, value in headers.items() if value})

    def insist(self, what: str, *args: Any, **options: Any) -> Answer:
        """Call again and again, as people do, until there is an answer that is no excuse (503, come back)."""
        def answered() -> Answer | None:
            try:
                answer = getattr(self, what)(*args, **options)
            except (OSError, http.client.HTTPException):
                return None
            return None if answer.is_excuse else answer

        return until(answered)
