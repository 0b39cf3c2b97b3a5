"""How far a role reaches."""

import pytest

from incident_service import accounts
from incident_service.accounts import Grant, Role
from incident_service.accounts.roles import is_area_code
from tests.factories import an_account

CITY, DISTRICT, STREET = "3601", "360102", "360102001"
GRID, BEAT, LONG_BEAT = "360102001001001", "360102J01", "360102J012"


@pytest.mark.parametrize(("held", "code", "reached"), [
    (CITY, CITY, True), (CITY, GRID, True), (CITY, BEAT, True), (DISTRICT, BEAT, True), (STREET, GRID, True),
    (GRID, GRID, True), (BEAT, BEAT, True),
    (GRID, STREET, False), (STREET, CITY, False), (STREET, BEAT, False), (STREET, "360102002001001", False),
    (CITY, "360201001", False), (BEAT, LONG_BEAT, False), (LONG_BEAT, BEAT, False), (BEAT, GRID, False),
])
def test_a_role_reaches_exactly_what_lies_in_its_area(held, code, reached):
    assert accounts.reaches(held, code) is reached


@pytest.mark.parametrize(("code", "is_one"), [
    (CITY, True), (DISTRICT, True), (STREET, True), ("360102001001", True), (GRID, True), (BEAT, True),
    (LONG_BEAT, True), ("", False), ("36010", False), ("3601\n", False), ("360102J1", False), ("360102J0123", False),
    ("三六零一", False), ("３６０１", False), ("%", False),
])
def test_an_area_code_has_one_of_the_known_forms(code, is_one):
    assert is_area_code(code) is is_one


def test_an_account_holds_its_roles_within_their_areas(app):
    both = accounts.add_person("13911111111", "张三", roles=[
        Grant(Role.DESK, STREET), Grant(Role.OFFICER, BEAT, "traffic"), Grant(Role.DESK, STREET)])
    assert both.holds(Role.DESK, reaching=GRID)
    assert not both.holds(Role.DESK, reaching=BEAT)
    assert both.holds(Role.ADMIN, Role.OFFICER)
    assert not both.holds(Role.ADMIN)
    assert both.area_codes(Role.DESK) == [STREET]
    assert both.area_codes() == both.areas == [STREET, BEAT]


def test_who_is_responsible_for_an_area_holds_the_role_in_exactly_that_area(app):
    officer = an_account(Role.OFFICER, BEAT, kind="traffic")
    firefighter = an_account(Role.OFFICER, BEAT, kind="fire")
    an_account(Role.OFFICER, DISTRICT, kind="traffic")
    an_account(Role.DESK, BEAT)
    assert accounts.responsible_for(BEAT, Role.OFFICER, "traffic") == [officer]
    assert accounts.responsible_for(BEAT, Role.OFFICER) == [officer, firefighter]
    assert accounts.responsible_for(LONG_BEAT, Role.OFFICER) == []


def test_the_staff_of_a_place_are_named_from_the_nearest_to_the_farthest(app):
    city, street = an_account(Role.DESK, CITY), an_account(Role.DESK, STREET)
    an_account(Role.DESK, "360102002")
    an_account(Role.SUPERVISOR, CITY)
    assert accounts.staff_of(GRID, Role.DESK) == [street, city]
    assert accounts.staff_of(BEAT, Role.DESK) == [city]


def test_whoever_was_deactivated_is_responsible_for_nothing(app):
    desk = an_account(Role.DESK, STREET)
    accounts.deactivate(desk.id, by=an_account(Role.ADMIN))
    assert accounts.responsible_for(STREET, Role.DESK) == []
    assert accounts.staff_of(GRID, Role.DESK) == []
