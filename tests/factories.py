"""The least that is valid: people, places and pictures for tests, as plain functions."""

from functools import cache
from io import BytesIO
from itertools import count
from random import Random
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

from incident_service import accounts, areas
from incident_service.accounts import Account, Grant, Role, tokens
from incident_service.accounts.models import SignInMethod
from incident_service.demo import town
from incident_service.demo.caller import form
from incident_service.demo.people import LATITUDE, LONGITUDE
from incident_service.foundation.database import db
from incident_service.foundation.ids import new_id
from incident_service.foundation.transaction import transaction

CITY = "3601"
A_RULE = {"code": "everything", "name": {"zh": "全部", "en": "Everything"}, "source": "test",
          "lead": {"role": "grid_manager", "layer": "grid"}}
_numbers = count(1)


def a_phone() -> str:
    """A number nobody has yet."""
    return f"1390{next(_numbers):07}"


def an_account(role: Role | None = None, area: str = CITY, *, kind: str | None = None, name: str = "某人",
               password: str | None = None, phone: str | None = None) -> Account:
    """Somebody, with a role held within an area when one is named."""
    roles = [Grant(role, area, kind)] if role else []
    account = accounts.add_person(phone or a_phone(), name, password=password, roles=roles)
    return accounts.find(account.id)


def a_picture(shade: int | None = None, *, size: tuple[int, int] = (400, 300), format: str = "JPEG") -> bytes:
    """A picture that looks like no other one; the same for the same shade."""
    n = next(_numbers) if shade is None else shade
    image = Image.frombytes("RGB", (12, 9), Random(n).randbytes(12 * 9 * 3)).resize(size)
    out = BytesIO()
    image.save(out, format)
    return out.getvalue()


class Town:
    """The demo town's areas, and one of each kind of person around the demo point."""

    def __init__(self) -> None:
        drafted = areas.draft(town.collection()) if areas.edition() else _drawn_on_nothing()
        assert not areas.put_in_force(drafted).findings
        self.place = areas.locate(LONGITUDE, LATITUDE)
        self.grid, self.beat = self.place.grid or "", self.place.beat or ""
        self.street = self.grid[:9]
        self.resident, self.neighbour = _somebody(Role.RESIDENT, "居民甲"), _somebody(Role.RESIDENT, "居民乙")
        self.manager = _somebody(Role.GRID_MANAGER, "网格员甲", self.grid)
        self.officer = _somebody(Role.OFFICER, "交警甲", self.beat, kind="traffic")
        self.desk = _somebody(Role.DESK, "值班员甲", self.street)
        self.supervisor = _somebody(Role.SUPERVISOR, "督查员甲")
        with transaction():                             # together: a third of what one after the other takes
            db.session.add_all([self.resident, self.neighbour, self.manager, self.officer, self.desk, self.supervisor])


def _somebody(role: Role, name: str, area: str = CITY, *, kind: str | None = None) -> Account:
    phone = accounts.normalise(a_phone())
    account = Account(id=new_id(), phone=phone, name=name)
    account.grant([Grant(role, area, kind)])
    return account


@cache
def _drawn_on_nothing() -> areas.Draft:
    """The demo town beside a city without areas: whatever the database, it is the same."""
    return areas.draft(town.collection())


class Phone:
    """One person's phone: an HTTP client that is signed in."""

    def __init__(self, client: FlaskClient, account: Account) -> None:
        self.client, self.account = client, account
        with transaction():
            pair = tokens.start(accounts.find(account.id), SignInMethod.PASSWORD)
        self.headers = {"Authorization": f"Bearer {pair.access_token}"}

    def get(self, path: str, **headers: str) -> Any:
        """GET a path under /api/v1."""
        return self.client.get(f"/api/v1{path}", headers=self.headers | headers)

    def post(self, path: str, body: dict[str, Any] | None = None, *, method: str = "POST", **headers: str) -> Any:
        """Send JSON."""
        return self.client.open(f"/api/v1{path}", method=method, json=body or {}, headers=self.headers | headers)

    def send(self, path: str, words: dict[str, Any], photos: list[bytes], **headers: str) -> Any:
        """Send a form with pictures."""
        body, content_type = form(words, photos)
        return self.client.post(f"/api/v1{path}", data=body, headers=self.headers | headers, content_type=content_type)

    def report(self, *photos: bytes, **words: Any) -> Any:
        """Report a blocked fire lane at the demo point, or whatever `words` say."""
        said = {"longitude": LONGITUDE, "latitude": LATITUDE, "coordinate_system": "wgs84", "category": "fire_lane"}
        headers = {"Idempotency-Key": words.pop("key")} if "key" in words else {}
        return self.send("/reports", said | words, list(photos) or [a_picture()], **headers)
