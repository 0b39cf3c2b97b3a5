"""The access table holds: every route of the service, tried by everybody."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incident_service import accounts
from incident_service.accounts import Grant, Role
from incident_service.app import create_app
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from tests.contract.access_table import PEOPLE, Row, rows
from tests.contract.calls import call
from tests.contract.facts import Facts
from tests.contract.scene import Scene
from tests.factories import CITY

SHARED = ("SQLALCHEMY_DATABASE_URI", "DATA_DIR", "KEYS_DIR", "PHOTO_STORE", "SQLITE_SYNCHRONOUS")
LISTED = {                                                  # by what a list shows that it holds what it should
    "/api/v1/routing/gaps": "uncovered", "/api/v1/routing/leaves": "leave",
    "/api/v1/routing/roster": "shift", "/api/v1/routing/roster/changes": "shift",
    "/api/v1/supervision/roster-gaps": "uncovered", "/api/v1/supervision/weekly-reports": "week",
    "/api/v1/cases/list.csv": "number",
    "/api/v1/cases": "number", "/api/v1/reports": "number", "/api/v1/me/notifications": "number",
    "/api/v1/me/points/entries": "number", "/api/v1/me/points/holds": "hold", "/api/v1/points/holds": "hold",
    "/api/v1/me/redemptions": "redemption", "/api/v1/points/funds": "community",
    "/api/v1/areas": "grid", "/api/v1/areas/outlines": "grid",
    "/api/v1/people": "person", "/api/v1/supervision/response-times": "grid", "/api/v1/supervision/overdue": "number",
    "/api/v1/supervision/appeals": "number", "/api/v1/supervision/second-looks": "number",
    "/api/v1/supervision/cases": "number", "/api/v1/supervision/rates/cases": "number",
    "/api/v1/me/figures/cases": "number", "/api/v1/me/suspensions": "number",
    "/api/v1/me/identity-openings": "number", "/api/v1/exports": "export",
    "/api/v1/supervision/reporter-suspensions": "number", "/api/v1/supervision/open-cases": "number",
}


def test_the_table_has_every_route_once():
    app = create_app("testing", SHOW_DEMO=True)
    routes = [f"{method} {rule.rule}" for rule in app.url_map.iter_rules()
              for method in rule.methods - {"HEAD", "OPTIONS"}]
    assert sorted(row.name for row in rows()) == sorted(routes)
    assert {len(row.cells) for row in rows()} == {len(PEOPLE)}


@pytest.fixture
def caller(app: Flask) -> Iterator[FlaskClient]:
    """A client of an application that has every route, the demo town's too, on the same database; Redis is away."""
    whole = create_app("testing", SHOW_DEMO=True, **{name: app.config[name] for name in SHARED})
    whole.extensions["queues"], whole.test_client_class = app.extensions["queues"], app.test_client_class
    yield whole.test_client()
    with whole.app_context():
        db.engine.dispose()


@pytest.fixture
def scene(town, phone_of, run_jobs) -> Scene:
    return Scene(town, phone_of, run_jobs)


def test_everybody_may_what_the_table_says(caller: FlaskClient, scene: Scene, subtests):
    for row in sorted(rows(), key=lambda row: row.method != "GET"):         # nobody has changed anything yet
        with subtests.test(row.name):
            assert dict(zip(PEOPLE, outcomes(caller, scene, row), strict=True)) == dict(
                zip(PEOPLE, row.cells, strict=True))


def test_a_responder_who_is_staff_no_more_may_look_at_what_any_resident_may(
        caller: FlaskClient, scene: Scene, town, subtests):
    facts = scene.usual
    with transaction():
        accounts.find(town.officer.id).roles = []
        accounts.find(town.officer.id).grant([Grant(Role.RESIDENT, CITY)])
    for row in rows():
        if row.method == "GET" and "/me/" not in row.rule:                  # what is told to them stays theirs
            with subtests.test(row.name):
                assert outcome(caller, row, facts, scene.headers("officer")) == row.cells[PEOPLE.index("resident")]


def outcomes(caller: FlaskClient, scene: Scene, row: Row) -> Iterator[str]:
    """What each of PEOPLE gets. What one of them has changed, the next finds as it was before."""
    for who in PEOPLE:
        cell = outcome(caller, row, scene.facts_for(row), scene.headers(who))
        yield cell
        if cell in ("yes", "none"):
            scene.succeeded(row, who)


def outcome(caller: FlaskClient, row: Row, facts: Facts, headers: dict[str, str]) -> str:
    """One cell of the table, as it is."""
    wanted = facts[LISTED[row.rule]] if row.method == "GET" and row.rule in LISTED else None
    with caller.open(**call(row, facts), headers=headers) as answer:
        if answer.status_code >= 300:
            return str(answer.status_code)
        return "yes" if wanted is None or wanted in answer.get_data(as_text=True) else "none"
