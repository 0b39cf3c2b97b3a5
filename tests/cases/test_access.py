"""A case at hand is judged as lists judge it: what lies in an area, and who sees what."""

import pytest
from sqlalchemy import select

from incident_service.accounts import Role
from incident_service.cases import access
from incident_service.cases.models import Case, Dispatch
from incident_service.cases.workflow import Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from tests.factories import CITY, an_account

FIRE = "360111X01"


@pytest.fixture
def everywhere(town) -> list[Case]:
    """Cases in all sorts of areas, in none, in another city and in a place that only begins like the town's."""
    grids = (town.grid, f"{town.grid[:12]}999", town.grid[:12], town.street, town.grid[:6], CITY, "3602",
             "360299001001001", "36019", None)
    beside = ((None, None), (town.beat, None), (None, FIRE), (f"{town.beat}1", f"{FIRE}1"))
    with transaction():
        made = [Case(id=new_id(), number=f"20261101-{n:08}", status=Status.CLOSED, category="other", condition="x",
                     longitude=115.9, latitude=28.6, address="", area_code=grid, beat_code=beat, fire_area_code=fire,
                     opened_at=clock.now()) for n, (grid, (beat, fire)) in enumerate(
                         (grid, each) for grid in grids for each in beside)]
        db.session.add_all(made)
    return made


def test_a_case_lies_where_the_condition_for_lists_finds_it(everywhere, town):
    for code in (town.grid, town.grid[:12], town.street, town.grid[:6], CITY, "3602", town.beat, FIRE, "36019", "99"):
        found = set(db.session.scalars(select(Case.id).where(access.within(code))))
        assert {case.id for case in everywhere if access.is_within(case, code)} == found, code


def test_somebody_sees_what_their_lists_show_them(everywhere, town):
    officer = an_account(Role.OFFICER, FIRE, kind="fire")
    with transaction():
        given = [Dispatch(case_id=case.id, round=1, part="lead", role="officer", area_code="", explanation={},
                          responder_id=officer.id, opened_at=case.opened_at, pushed_at=case.opened_at,
                          ended_at=clock.now()) for case in everywhere[::7]]
        db.session.add_all(given)
    for by in (officer, town.manager, town.desk, town.supervisor, town.resident, an_account(Role.DESK, "3602")):
        shown = set(db.session.scalars(select(Case.id).where(access.visible_to(by))))
        assert {case.id for case in everywhere if access.sees(by, case)} == shown, by.roles
