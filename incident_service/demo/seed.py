"""Filling an empty database with the demo town. Development only, and only where nobody outside can reach it."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from flask import current_app
from sqlalchemy import func, select

from incident_service import accounts, areas
from incident_service.accounts import Account
from incident_service.areas import Layer
from incident_service.demo import town
from incident_service.demo.people import LATITUDE, LONGITUDE, PASSWORD, people
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction

LOOPBACK = ("127.0.0.1", "::1", "localhost")
log = structlog.get_logger(__name__)


class DemoRefused(SystemExit):
    """The demo town must not be put here; the message says why."""


def fill_if_empty() -> bool:
    """Bring the demo town into an empty database; whether that was done now. Safe to repeat.

    Raises DemoRefused when HOST is not loopback: everybody knows the town's password.
    """
    settings = current_app.config
    if not settings["SHOW_DEMO"]:
        return False
    if settings["HOST"] not in LOOPBACK:
        raise DemoRefused(f"HOST is {settings['HOST']}: the demo town has a password that everybody knows, "
                          "so it is shown on loopback only. Set INCIDENT_ENV=production for a real installation.")
    if db.session.scalar(select(func.count(Account.id))):
        return False
    password_hash = accounts.hash_password(PASSWORD)        # once for all: it is slow on purpose
    with transaction():
        _import_town()
        codes = [feature["properties"]["code"] for feature in town.collection()["features"]]
        _bring_people(codes, password_hash)
    log.info("demo-town-ready", areas=len(codes))
    return True


def _import_town() -> None:
    """The town goes through a file and the same import as any other."""
    with TemporaryDirectory() as folder:
        path = town.write(Path(folder) / "demo-town.geojson")
        outcome = areas.import_areas(json.loads(path.read_text(encoding="utf-8")))
    if outcome.findings:
        raise DemoRefused(f"The demo town does not fit what is there: {outcome.findings[0]}")


def _bring_people(codes: list[str], password_hash: str) -> None:
    place = areas.locate(LONGITUDE, LATITUDE)
    by_layer = {area.layer: area.code for area in place.path}
    cast = people(
        city=by_layer[Layer.CITY], street=by_layer[Layer.STREET], grid=place.grid or "", beat=place.beat or "",
        grids=[code for code in codes if areas.layer_of(code) is Layer.GRID],
        beats=[code for code in codes if areas.layer_of(code) is Layer.BEAT])
    for person in cast:
        accounts.add_person(person.phone, person.name, roles=person.grants,
                            password_hash=password_hash if person.says else None)
