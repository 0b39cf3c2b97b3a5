"""Administrators add, change and deactivate people within the areas they administer, and nobody else does."""

import pytest

from incident_service import accounts
from incident_service.accounts import Grant, Role
from incident_service.accounts.commands import people_commands
from incident_service.accounts.granting import KNOWN_AREAS, KnownAreas
from incident_service.app import create_app
from incident_service.foundation.database import db
from tests.factories import Phone, Town, a_phone, an_account

CITY, STREET, OTHER_STREET, GRID = "3601", "360102001", "360102002", "360102001001001"
DESK = {"role": "desk", "area": STREET}


@pytest.fixture(autouse=True)
def city_map(app, monkeypatch):
    """The areas there are, for tests that need no polygons."""
    codes = {CITY, "360102", STREET, OTHER_STREET, "360102001001", GRID, "360102J01"}
    monkeypatch.setitem(app.extensions, KNOWN_AREAS, KnownAreas(codes.__contains__, lambda: bool(codes)))
    return codes


@pytest.fixture
def admin(client):
    return Phone(client, an_account(Role.ADMIN, STREET, name="街道管理员"))


@pytest.fixture
def city_admin(client):
    return Phone(client, an_account(Role.ADMIN, CITY, name="市管理员"))


def somebody(*roles, phone=None, name="张三"):
    return {"phone": phone or a_phone(), "name": name, "roles": list(roles or (DESK,))}


def change(admin, person, **body):
    return admin.post(f"/people/{person.id}", body, method="PATCH")


def held(person):
    db.session.expire_all()
    return {(each.role, each.area_code) for each in accounts.find(person.id).roles}


def test_an_administrator_adds_somebody_who_can_sign_in(admin, client):
    answer = admin.post("/people", somebody(phone="13912340009") | {"password": "linli-demo-2021"})
    assert answer.status_code == 201
    assert answer.json | {"id": "", "created_at": ""} == {
        "id": "", "created_at": "", "name": "张三", "phone": "139****0009", "is_active": True, "areas": [STREET],
        "roles": [{"role": "desk", "kind": None, "area": STREET}],
    }
    entered = client.post("/api/v1/tokens", json={"phone": "13912340009", "password": "linli-demo-2021"})
    assert entered.json["account"]["id"] == answer.json["id"]


def test_somebody_sent_twice_is_added_once(admin):
    body = somebody()
    answers = [admin.post("/people", body, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert admin.post("/people", body).json["type"] == "/problems/phone-taken"


@pytest.mark.parametrize(("role", "status"), [
    ({"role": "desk", "area": STREET}, 201), ({"role": "grid_manager", "area": GRID}, 201),
    ({"role": "admin", "area": STREET}, 201),
    ({"role": "desk", "area": OTHER_STREET}, 403), ({"role": "admin", "area": CITY}, 403),
    ({"role": "officer", "area": "360102J01", "kind": "traffic"}, 403),
])
def test_nobody_gives_a_role_that_reaches_farther_than_their_own(admin, role, status):
    assert admin.post("/people", somebody(role)).status_code == status


@pytest.mark.parametrize(("body", "pointer"), [
    ({"phone": "110"}, "#/phone"), ({"name": ""}, "#/name"), ({"roles": []}, "#/roles"),
    ({"password": "short"}, "#/password"), ({"roles": [{"role": "desk"}]}, "#/roles/0/area"),
    ({"roles": [{"role": "mayor", "area": STREET}]}, "#/roles/0/role"),
    ({"roles": [{"role": "desk", "area": "36010"}]}, "#/roles/0/area"), ({"is_active": True}, "#/is_active"),
    ({"roles": [DESK | {"kind": "traffic"}]}, "#/roles/0/kind"),
    ({"roles": [DESK, {"role": "desk", "area": "360102001009"}]}, "#/roles/1/area"),
])
def test_what_is_wrong_with_a_new_person_is_named(admin, body, pointer):
    answer = admin.post("/people", somebody() | body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize("kind", [None, "", "traffic\n", "Traffic", "!", "x" * 33])
def test_an_officer_is_of_a_kind(city_admin, kind):
    officer = {"role": "officer", "area": "360102J01"}
    answer = city_admin.post("/people", somebody(officer | {"kind": kind}))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/roles/0/kind")
    assert city_admin.post("/people", somebody(officer | {"kind": "traffic"})).status_code == 201


@pytest.mark.parametrize(("role", "area", "status"), [
    ("grid_manager", GRID, 201), ("grid_manager", "360102001001", 201), ("grid_manager", STREET, 201),
    ("grid_manager", "360102", 422), ("grid_manager", CITY, 422), ("grid_manager", "360102J01", 422),
    ("officer", "360102J01", 201), ("officer", STREET, 201), ("officer", CITY, 201), ("officer", GRID, 422),
    ("officer", "360102J99", 422), ("desk", "360102009", 422), ("desk", CITY, 201), ("supervisor", "360102J01", 201),
])
def test_a_role_is_held_within_an_area_that_exists_and_suits_it(city_admin, role, area, status):
    given = {"role": role, "area": area, "kind": "traffic" if role == "officer" else None}
    answer = city_admin.post("/people", somebody(given))
    assert answer.status_code == status
    if status == 422:
        assert [error["pointer"] for error in answer.json["errors"]] == ["#/roles/0/area"]


def test_a_role_that_is_held_already_stays_when_its_area_is_gone(admin, city_map):
    person = an_account(Role.GRID_MANAGER, GRID)
    city_map.remove(GRID)
    still, anew = {"role": "grid_manager", "area": GRID}, {"role": "desk", "area": GRID}
    assert change(admin, person, roles=[still, DESK]).status_code == 200
    assert change(admin, person, roles=[still, anew]).json["errors"][0]["pointer"] == "#/roles/1/area"


def test_administrators_see_the_people_of_their_own_areas(admin, city_admin):
    here, there = an_account(Role.GRID_MANAGER, GRID), an_account(Role.DESK, OTHER_STREET)
    seen = {item["id"] for item in admin.get("/people").json["items"]}
    assert seen == {str(here.id), str(admin.account.id)}
    assert {str(here.id), str(there.id)} < {item["id"] for item in city_admin.get("/people").json["items"]}
    assert admin.get(f"/people/{here.id}").status_code == 200
    for answer in (admin.get(f"/people/{there.id}"), change(admin, there, name="李四"),
                   admin.post(f"/people/{there.id}/deactivation"), admin.post(f"/people/{there.id}/reactivation")):
        assert (answer.status_code, answer.json["type"]) == (404, "/problems/person-not-found")


def test_the_list_of_people_is_paged(city_admin):
    added = [an_account(Role.DESK, STREET) for _ in range(4)]
    first = city_admin.get("/people?limit=3").json
    rest = city_admin.get(f"/people?limit=3&cursor={first['next_cursor']}").json
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == [str(person.id) for person in reversed(added)] + [str(city_admin.account.id)]
    assert rest["next_cursor"] is None
    assert city_admin.get("/people?cursor=elsewhere").status_code == 422


def test_an_administrator_of_a_beat_does_not_see_the_beat_with_a_longer_code(client):
    admin = Phone(client, an_account(Role.ADMIN, "360102J01"))
    officer = an_account(Role.OFFICER, "360102J012", kind="traffic")
    assert admin.get(f"/people/{officer.id}").status_code == 404


def test_roles_are_replaced_within_the_area_and_kept_elsewhere(admin):
    person = accounts.add_person(a_phone(), "张三", roles=[Grant(Role.DESK, STREET), Grant(Role.DESK, OTHER_STREET)])
    answer = change(admin, person, roles=[{"role": "supervisor", "area": STREET}])
    assert answer.status_code == 200
    assert held(person) == {(Role.SUPERVISOR, STREET), (Role.DESK, OTHER_STREET)}
    assert change(admin, person, roles=[]).status_code == 200
    assert held(person) == {(Role.DESK, OTHER_STREET)}


def test_a_changed_role_counts_from_the_next_call(admin, client):
    person = Phone(client, an_account(Role.ADMIN, GRID))
    assert person.get("/people").status_code == 200
    change(admin, person.account, roles=[{"role": "grid_manager", "area": GRID}])
    assert person.get("/people").status_code == 403


def test_nobody_is_left_without_a_role(admin):
    person = an_account(Role.DESK, STREET)
    assert change(admin, person, roles=[]).json["errors"][0]["pointer"] == "#/roles"
    assert held(person) == {(Role.DESK, STREET)}


def test_who_also_serves_elsewhere_is_not_ones_own_to_rename_or_deactivate(admin):
    person = accounts.add_person(a_phone(), "张三", roles=[Grant(Role.DESK, STREET), Grant(Role.SUPERVISOR, CITY)])
    for answer in (change(admin, person, name="李四"), admin.post(f"/people/{person.id}/deactivation"),
                   change(admin, person, roles=[{"role": "desk", "area": CITY}])):
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/beyond-reach")
    assert accounts.find(person.id).is_active


def test_deactivating_ends_every_sign_in_at_once_until_they_sign_in_anew(admin, client):
    person = Phone(client, an_account(Role.DESK, STREET))
    assert admin.post(f"/people/{person.account.id}/deactivation").json["is_active"] is False
    assert person.get("/me").status_code == 401
    assert admin.post(f"/people/{person.account.id}/deactivation").status_code == 200
    assert admin.post(f"/people/{person.account.id}/reactivation").json["is_active"] is True
    assert person.get("/me").status_code == 401
    assert Phone(client, person.account).get("/me").status_code == 200


def test_nobody_locks_themselves_out(admin):
    own = f"/people/{admin.account.id}"
    assert admin.post(f"{own}/deactivation").json["type"] == "/problems/own-account"
    assert change(admin, admin.account, roles=[DESK]).json["type"] == "/problems/own-account"
    assert admin.get("/me").status_code == 200


def test_residents_are_looked_after_by_the_city(admin, city_admin):
    resident = an_account(Role.RESIDENT, CITY)
    assert admin.get(f"/people/{resident.id}").status_code == 404
    assert city_admin.post(f"/people/{resident.id}/deactivation").status_code == 200


def a_resident(client, **account):
    return Phone(client, an_account(Role.RESIDENT, CITY, **account))


def test_a_resident_is_taken_on_and_stays_a_resident(admin, client):
    phone = a_phone()
    resident = a_resident(client, phone=phone, name="居民丙", password="only-mine-2021")
    answer = admin.post("/people", somebody(phone=phone, name="值班员丙") | {"password": "somebody-elses"})
    assert (answer.status_code, answer.json["id"]) == (201, str(resident.account.id))
    assert (answer.json["name"], answer.json["areas"]) == ("值班员丙", [STREET])
    assert answer.json["roles"] == [{"role": "desk", "kind": None, "area": STREET}]
    assert "居民丙" not in answer.text
    assert held(resident.account) == {(Role.RESIDENT, CITY), (Role.DESK, STREET)}
    assert resident.get("/me").json["name"] == "值班员丙"
    enter = lambda password: client.post(                                                   # noqa: E731
        "/api/v1/tokens", json={"phone": phone, "password": password}).status_code
    assert (enter("only-mine-2021"), enter("somebody-elses")) == (201, 401)


def test_a_number_of_staff_or_of_a_resident_who_was_shut_out_is_not_taken_on(admin, city_admin, client):
    staff, phone, gone = a_phone(), a_phone(), a_phone()
    accounts.add_person(staff, "张三", roles=[Grant(Role.RESIDENT, CITY), Grant(Role.DESK, OTHER_STREET)])
    an_account(Role.RESIDENT, CITY, phone=phone)
    accounts.deactivate(an_account(Role.RESIDENT, CITY, phone=gone).id, by=city_admin.account)
    for answer in (admin.post("/people", somebody(phone=staff)), admin.post("/people", somebody(phone=gone)),
                   city_admin.post("/people", somebody({"role": "resident", "area": CITY}, phone=phone))):
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/phone-taken")


def test_who_is_also_a_resident_is_looked_after_like_everybody_else(admin, client):
    person = a_resident(client)
    assert admin.get(f"/people/{person.account.id}").status_code == 404
    accounts.add_person(phone := a_phone(), "李四", roles=[Grant(Role.RESIDENT, CITY), Grant(Role.DESK, STREET)])
    [listed] = [each for each in admin.get("/people").json["items"] if each["name"] == "李四"]
    assert (listed["phone"], listed["areas"]) == (accounts.mask(f"+86{phone}"), [STREET])
    path = f"/people/{listed['id']}"
    assert admin.post(path, {"name": "李五"}, method="PATCH").json["name"] == "李五"
    assert admin.post(f"{path}/deactivation").json["is_active"] is False
    assert admin.post(f"{path}/reactivation").json["is_active"] is True
    assert admin.post(path, {"roles": []}, method="PATCH").json["roles"] == []
    assert admin.get(path).status_code == 404


def test_a_resident_of_a_street_is_not_shown_to_its_administrator(admin):
    resident = an_account(Role.RESIDENT, STREET)
    assert admin.get(f"/people/{resident.id}").status_code == 404


def test_roles_held_elsewhere_are_not_shown(admin):
    person = accounts.add_person(a_phone(), "张三", roles=[Grant(Role.DESK, STREET), Grant(Role.SUPERVISOR, CITY)])
    shown = admin.get(f"/people/{person.id}").json
    assert (shown["roles"], shown["areas"]) == ([{"role": "desk", "kind": None, "area": STREET}], [STREET])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_administrators_manage_people(client, role):
    phone, person = Phone(client, an_account(role, CITY)), an_account(Role.DESK, STREET)
    calls = [("GET", ""), ("POST", ""), ("GET", f"/{person.id}"), ("PATCH", f"/{person.id}"),
             ("POST", f"/{person.id}/deactivation"), ("POST", f"/{person.id}/reactivation")]
    for method, path in calls:
        assert phone.post(f"/people{path}", {}, method=method).status_code == 403


def test_the_first_administrator_of_a_city_is_added_by_a_command(app):
    def add(phone, area):
        words = ["add", phone, "管理员", "--role", "admin", "--area", area]
        done = app.test_cli_runner().invoke(people_commands, words)
        return done.exit_code, done.output

    assert add("13912340009", CITY) == (0, "管理员 139****0009 admin 3601\n")
    assert add("13912340008", "36") == (1, "Error: 36 is not an area code.\n")
    assert add("13912340009", CITY)[0] == add("110", CITY)[0] == 1


def test_a_city_s_administrator_comes_before_its_areas_and_nobody_else_does(app, monkeypatch):
    def add(role, area, *more):
        words = ["add", a_phone(), "某人", "--role", role, "--area", area, *more]
        done = app.test_cli_runner().invoke(people_commands, words)
        return done.exit_code, done.output

    monkeypatch.setitem(app.extensions, KNOWN_AREAS, create_app("testing").extensions[KNOWN_AREAS])
    assert add("admin", "4403")[0] == 0
    assert "No area has this code" in add("admin", STREET)[1]
    town = Town()
    assert "No area has this code" in add("admin", "4403")[1]
    assert add("admin", town.street)[0] == add("officer", town.beat, "--kind", "traffic")[0] == 0
    assert add("officer", town.beat)[0] == add("desk", town.street, "--kind", "traffic")[0] == 1
