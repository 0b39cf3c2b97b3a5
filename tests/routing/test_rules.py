"""Rules as data: the shipped table, what rules may ask, versions, and who may change them."""

from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from config.base import Base
from incident_service import catalogue, routing
from incident_service.accounts import Role
from incident_service.areas import Land, Layer
from incident_service.catalogue import BrokenTable
from incident_service.demo.people import LATITUDE, LONGITUDE
from incident_service.foundation.problems import Invalid
from incident_service.routing import Facts, rule_sets
from incident_service.routing.commands import rules_commands
from incident_service.routing.posts import zone
from tests.factories import A_RULE, CITY, an_account
from tests.routing.rosters import MONDAY_NOON

SHIPPED = Base.TABLES_DIR / "routing.toml"
TUESDAY_AT_FIVE = datetime.fromisoformat("2026-11-24T05:00+08:00")


def rule(code: str, **asks):
    empty = {"categories": [], "conditions": [], "land": [], "within": None, "weekdays": [], "from": None, "to": None,
             "assist": None, "is_on": True}
    return empty | A_RULE | {"code": code, "lead": {"role": "grid_manager", "kind": None, "layer": "grid"}} | asks


def first(rules, category="fire_lane", condition="occupied", land=Land.UNKNOWN, area="360111001002003", at=MONDAY_NOON):
    found = routing.draft([*rules, rule("rest")]).first(Facts(category, condition, land, area, at), zone())
    return found.code


def test_the_shipped_table_names_somebody_for_every_category_and_condition_by_name(app):
    for category in catalogue.categories():
        for condition in category.conditions:
            found = routing.in_force().first(
                Facts(category.code, condition.code, Land.UNKNOWN, "3601", MONDAY_NOON), zone())
            assert found.duties[0].part == "lead"
            assert category.code in found.categories or category.code == "other"


def test_a_blocked_fire_lane_is_led_by_traffic_and_assisted_by_the_grid(app):
    assert [tuple(vars(duty).values()) for duty in routing.usual_duties("fire_lane", "occupied")] == [
        ("lead", Role.OFFICER, "traffic", Layer.BEAT), ("assist", Role.GRID_MANAGER, None, Layer.GRID)]


def test_what_no_officer_is_for_is_led_by_the_grid(app):
    led = {each.code: routing.usual_duties(each.code, each.default_condition.code)[0].role
           for each in catalogue.categories()}
    assert {code for code, role in led.items() if role is Role.OFFICER} == {"fire_lane", "motor_parking"}


def test_the_fire_service_in_compounds_ships_switched_off_and_can_be_switched_on(app):
    inside = Facts("fire_lane", "occupied", Land.COMPOUND, "360111001002003", MONDAY_NOON)
    assert routing.in_force().first(inside, zone()).code == "fire_lane"
    written = [each | {"is_on": True} for each in routing.in_force().written]
    book = rule_sets.put(written, note="", by_id=None)
    assert book.first(inside, zone()).code == "fire_lane_in_compound"
    assert book.first(inside._replace(land=Land.PUBLIC_ROAD), zone()).code == "fire_lane"


@pytest.mark.parametrize(("asks", "facts", "matches"), [
    ({"categories": ["fire_lane", "lift"]}, {}, True), ({"categories": ["lift"]}, {}, False),
    ({"categories": ["fire_lane"], "conditions": ["occupied"]}, {}, True),
    ({"categories": ["fire_lane"], "conditions": ["fixed_obstacle"]}, {}, False),
    ({"land": ["compound"]}, {"land": Land.COMPOUND}, True), ({"land": ["compound"]}, {}, False),
    ({"land": ["unknown", "public_road"]}, {}, True),
    ({"within": "360111001"}, {}, True), ({"within": "360111002"}, {}, False), ({"within": CITY}, {"area": ""}, False),
    ({"from": "08:00", "to": "18:00"}, {}, True), ({"from": "18:00", "to": "08:00"}, {}, False),
    ({"from": "18:00", "to": "08:00"}, {"at": MONDAY_NOON + timedelta(hours=15)}, True),
    ({"weekdays": [1]}, {}, True), ({"weekdays": [2, 7]}, {}, False),
    ({"weekdays": [1], "from": "22:00", "to": "06:00"}, {"at": TUESDAY_AT_FIVE}, True),
    ({"weekdays": [1], "from": "22:00", "to": "06:00"}, {"at": TUESDAY_AT_FIVE - timedelta(days=1)}, False),
    ({"is_on": False}, {}, False),
])
def test_a_rule_matches_when_all_it_asks_is_so(app, asks, facts, matches):
    assert (first([rule("this", **asks)], **facts) == "this") is matches


def test_the_first_that_matches_counts(app):
    assert first([rule("one", is_on=False), rule("two", categories=["fire_lane"]), rule("three")]) == "two"


@pytest.mark.parametrize(("old", "new", "fault"), [
    ('code = "motor_parking"', 'code = "fire_lane"', "fire_lane: Two rules have this code"),
    ('categories = ["motor_parking"]', 'categories = ["ufo"]', "motor_parking: There is no such category"),
    ('categories = ["motor_parking"]', 'categories = ["motor_parking"]\nconditions = ["blocked"]',
     "None of the categories has this filing condition"),
    ('kind = "fire", ', "", "An officer is of a kind"),
    ('layer = "fire_area"', 'layer = "grid"', "not held on this layer"),
    ('role = "officer"', 'role = "mayor"', "Must be one of"),
    ("is_on = false", "ison = false", "Unknown field"), ("is_on = false", 'is_on = "no"', "Not a valid boolean"),
    ("is_on = false", 'from = "8:00"\nto = "18:00"', "does not match expected pattern"),
    ("is_on = false", 'from = "08:00"', "Say both from when and to when"),
    ("is_on = false", "weekdays = [0]", "Must be greater than or equal to 1"),
    ('code = "everything_else"', 'code = "everything_else"\nwithin = "3601"', "must ask nothing"),
    ("ships switched off", "", ""), ("[[rule]]", "[[rule", "routing.toml"),
    ('source = "responders as for fire_lane: shipped default"', "", "Missing data"),
])
def test_a_broken_table_is_refused_and_says_where(app, tmp_path: Path, old, new, fault):
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    table = tmp_path / "routing.toml"
    table.write_text(text.replace(old, new, 1), encoding="utf-8")
    if not fault:
        assert rule_sets.read_rules(table)
        return
    with pytest.raises(BrokenTable, match=r"routing\.toml: ") as stopped:
        rule_sets.read_rules(table)
    assert fault in str(stopped.value)


@pytest.fixture
def admin(app, phone_of):
    return phone_of(an_account(Role.ADMIN, CITY))


def test_a_new_version_counts_for_the_next_dispatch_and_the_dispatch_names_it(admin, town, phone_of, run_jobs):
    body = {"rules": [A_RULE], "note": "只派网格员"}
    assert admin.get("/routing/rules").json["version"] == 1
    answer = admin.post("/routing/rules", body, method="PUT")
    assert (answer.status_code, answer.json["version"]) == (200, 2)
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    case = phone_of(town.manager).get(f"/cases/{number}", **{"Accept-Language": "en"}).json
    assert [(each["part"], each["responder"]["name"]) for each in case["dispatches"]] == [("lead", "网格员甲")]
    assert "“Everything” (everything) (rules version 2) names its grid manager" in case["explanation"][0]
    listed = admin.get("/routing/rules/versions").json["items"]
    assert [(each["version"], each["note"], each["made_by"]) for each in listed] == [
        (2, "只派网格员", str(admin.account.id)), (1, "shipped", None)]
    assert admin.get("/routing/rules/versions/1").json["rules"][1]["code"] == "fire_lane"
    assert admin.get("/routing/rules/versions/3").status_code == 404


def test_an_earlier_version_can_be_put_back_in_force(admin):
    admin.post("/routing/rules", {"rules": [A_RULE]}, method="PUT")
    answer = admin.post("/routing/rules/switch", {"version": 1})
    assert (answer.json["version"], answer.headers["ETag"]) == (1, 'W/"3"')
    assert routing.in_force().version == 1
    assert admin.post("/routing/rules/switch", {"version": 1}).headers["ETag"] == 'W/"3"'
    assert admin.post("/routing/rules/switch", {"version": 9}).status_code == 404


def test_two_administrators_do_not_write_over_each_other(admin):
    tag = admin.get("/routing/rules").headers["ETag"]
    assert admin.get("/routing/rules", **{"If-None-Match": tag}).status_code == 304
    first_one = admin.post("/routing/rules", {"rules": [A_RULE]}, method="PUT", **{"If-Match": tag})
    second = admin.post("/routing/rules", {"rules": [A_RULE | {"code": "all"}]}, method="PUT", **{"If-Match": tag})
    assert (first_one.status_code, second.status_code) == (200, 412)
    assert routing.in_force().version == 2


def test_the_same_rules_again_change_nothing(admin):
    for _ in range(3):
        answer = admin.post("/routing/rules", {"rules": [A_RULE]}, method="PUT")
    assert (answer.json["version"], answer.headers["ETag"]) == (2, 'W/"2"')


def test_what_is_wrong_is_named_where_it_stands_and_nothing_changes(admin):
    wrong = {"rules": [A_RULE | {"categories": ["ufo"]}, A_RULE | {"land": ["moon"]}]}
    answer = admin.post("/routing/rules", wrong, method="PUT")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/rules/1/land/0")
    wrong["rules"][1] = A_RULE | {"within": CITY}
    answer = admin.post("/routing/rules", wrong, method="PUT", **{"Accept-Language": "en"})
    assert [each["pointer"] for each in answer.json["errors"]] == [
        "#/rules/0/categories/0", "#/rules/1/code", "#/rules/1"]
    assert routing.in_force().version == 1


def test_many_who_put_rules_at_once_get_one_version_each_in_a_row(app, admin):
    def put(number: int) -> None:
        with app.app_context():
            rule_sets.put([rule(f"rule_{number}")], note="", by_id=None)

    threads = [Thread(target=put, args=(number,)) for number in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    listed = admin.get("/routing/rules/versions").json["items"]
    assert sorted(each["version"] for each in listed) == [1, 2, 3, 4, 5, 6]
    assert routing.in_force().revision == 6


def test_rules_go_out_into_a_file_and_in_again(app, tmp_path: Path):
    run = app.test_cli_runner().invoke
    file = tmp_path / "rules.toml"
    assert run(rules_commands, ["export", str(file)]).exit_code == 0
    assert run(rules_commands, ["export", str(file)]).exit_code == 1
    assert "相同" in run(rules_commands, ["import", str(file)]).output
    file.write_text(file.read_text(encoding="utf-8").replace("is_on = false\n", ""), encoding="utf-8")
    assert "版本 2 已生效" in run(rules_commands, ["import", str(file)]).output
    file.write_text("[[rule]]\n", encoding="utf-8")
    wrong = run(rules_commands, ["import", str(file)])
    assert wrong.exit_code != 0
    assert routing.in_force().version == 2


def test_a_draft_is_checked_too(app):
    with pytest.raises(Invalid):
        routing.draft([rule("only", categories=["fire_lane"])])


def test_in_a_place_without_a_rule_for_its_land_the_sentence_says_the_land_it_knows(town):
    part = routing.choose(category="fire_lane", longitude=LONGITUDE, latitude=LATITUDE, workload=lambda _: {}).parts[0]
    said = routing.sentence(part.part, part.role, part.kind, part.explanation | {"land": "compound"})
    assert "小区内，按规则「消防通道占用」（fire_lane）（规则版本 1）派给该区域的交警队员" in said.in_language("zh")


def test_dispatching_follows_new_rules_once_its_own_are_too_old(app, town, monkeypatch):
    def ruled_by():
        found = routing.choose(category="fire_lane", longitude=LONGITUDE, latitude=LATITUDE, workload=lambda _: {})
        return found.parts[0].explanation["rules_version"]

    assert ruled_by() == 1
    monkeypatch.setitem(app.config, "RULES_AGE_S_MAX", 3600)
    rule_sets.put([rule("only")], note="", by_id=None)
    assert (ruled_by(), routing.in_force().version) == (1, 2)
    monkeypatch.setitem(app.config, "RULES_AGE_S_MAX", 0)
    assert ruled_by() == 2
