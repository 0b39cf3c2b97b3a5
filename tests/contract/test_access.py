"""The access table holds: every route of the service, tried by everybody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incident_service import accounts, catalogue
from incident_service.accounts import Grant, Role
from incident_service.app import create_app
from incident_service.areas import listing
from incident_service.demo.caller import form
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from tests.areas.town import a_file, feature, the_town
from tests.contract.access_table import PEOPLE, Row, rows
from tests.contract.scene import A_BOX, Scene
from tests.factories import A_RULE, CITY, a_phone, a_picture
from tests.journeys.handsets import PLACE

SHARED = ("SQLALCHEMY_DATABASE_URI", "DATA_DIR", "KEYS_DIR", "PHOTO_STORE", "SQLITE_SYNCHRONOUS")
WAYS = {                                                    # what fills the gaps of a rule
    "/areas/<code>": "/areas/{grid}", "/areas/outlines": "/areas/outlines?layer=grid",
    "/people/<uuid:id>": "/people/{person}", "/notifications/<uuid:id>": "/notifications/{notification}",
    "/photos/<uuid:id>": "/photos/{photo}", "/reports/<uuid:id>": "/reports/{report}",
    "suspensions/<uuid:id>": "suspensions/{reporter_suspension}",
    "/exports/<uuid:id>": "/exports/{export}",
    "/weekly-reports/<uuid:id>": "/weekly-reports/{week}",
    "/holds/<uuid:id>": "/holds/{hold}", "/centres/<uuid:id>": "/centres/{centre}",
    "/rewards/<uuid:id>": "/rewards/{reward}", "/redemptions/<uuid:id>": "/redemptions/{redemption}",
    "<code>": "{code}", "<area_code>": "{community}", "<number>": "{number}", "<uuid:request_id>": "{request}",
    "<uuid:petition_id>": "{petition}",
    "<uuid:box_id>": "{box}", "<any(thumb,screen):size>": "thumb", "<slug>": "not-found",
    "/leaves/<uuid:id>": "/leaves/{leave}", "/roster/<uuid:id>": "/roster/{shift}",
    "/static/<path:filename>": "/static/pages.css", "/files/<path:filename>": "/files/swagger-ui.css",
    "<int(min=2000,max=2100):year>": "2027",
    "<int(min=1,max=1000000):version>": "1", "/response-times": "/response-times?group_by=area:grid",
    "/rates/cases": "/rates/cases?rate=reworked@2",
}
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

OWN_SCENE = ("open-cases", "overdue", "appeals", "second-looks", "suspensions", "identity", "openings")


def name_of(row: Row) -> str:
    return f"{row.method} {row.rule}"


def test_the_table_has_every_route_once():
    app = create_app("testing", SHOW_DEMO=True)
    routes = [f"{method} {rule.rule}" for rule in app.url_map.iter_rules()
              for method in rule.methods - {"HEAD", "OPTIONS"}]
    assert sorted(name_of(row) for row in rows()) == sorted(routes)
    assert {len(row.cells) for row in rows()} == {len(PEOPLE)}


@pytest.fixture
def caller(app: Flask) -> Iterator[FlaskClient]:
    """A client of an application that has every route, the demo town's too, on the same database."""
    whole = create_app("testing", SHOW_DEMO=True, **{name: app.config[name] for name in SHARED})
    yield whole.test_client()
    with whole.app_context():
        db.engine.dispose()


def test_everybody_may_what_the_table_says(caller: FlaskClient, town, phone_of, run_jobs, subtests):
    scene = Scene(town, phone_of, run_jobs)
    for row in sorted(rows(), key=lambda row: row.method != "GET"):         # nobody has changed anything yet
        with subtests.test(name_of(row)):
            assert dict(zip(PEOPLE, outcomes(caller, scene, row), strict=True)) == dict(
                zip(PEOPLE, row.cells, strict=True))


def test_a_responder_who_is_staff_no_more_may_look_at_what_any_resident_may(
        caller: FlaskClient, town, phone_of, run_jobs, subtests):
    scene = Scene(town, phone_of, run_jobs)
    with transaction():
        accounts.find(town.officer.id).roles = []
        accounts.find(town.officer.id).grant([Grant(Role.RESIDENT, CITY)])
    headers, resident = scene.phone("officer").headers, PEOPLE.index("resident")
    for row in rows():
        if row.method == "GET" and "/me/" not in row.rule:                  # what is told to them stays theirs
            with subtests.test(name_of(row)), caller.open(way(row.rule, scene.usual), headers=headers) as answer:
                assert outcome(row, answer, scene.usual) == row.cells[resident]


def outcomes(caller: FlaskClient, scene: Scene, row: Row) -> Iterator[str]:
    """What each of PEOPLE gets. What one of them has changed, the next finds as it was before."""
    changes = row.method != "GET" and "<" in row.rule
    facts = scene.case_for(row.rule) if changes or row.rule.endswith(OWN_SCENE) else scene.usual
    for who in PEOPLE:
        headers = scene.phone(who).headers if scene.people[who] else {}
        with caller.open(way(row.rule, facts), method=row.method, headers=headers,
                         **content(row.rule, facts)) as answer:
            yield outcome(row, answer, facts)
        if changes and answer.status_code < 300:
            facts = scene.case_for(row.rule)


def outcome(row: Row, answer: Any, facts: dict[str, str]) -> str:
    """One cell of the table, as it is."""
    if answer.status_code >= 300:
        return str(answer.status_code)
    wanted = LISTED.get(row.rule) if row.method == "GET" else None
    return "yes" if wanted is None or facts[wanted] in answer.get_data(as_text=True) else "none"


SPAN = "?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"


def way(rule: str, facts: dict[str, str]) -> str:
    for gap, filling in WAYS.items():
        rule = rule.replace(gap, filling)
    return rule.format(**facts) + (SPAN if "/centres/" in rule and "/statement" in rule else "")


FORMS = {"reports": PLACE, "rectification": {}, "reopening": {"reason": "not_solved"}}


def content(rule: str, facts: dict[str, str]) -> dict[str, Any]:
    """What is sent: a form with a picture, or JSON that would do."""
    last = rule.removeprefix("/api/v1").rpartition("/")
    if last[2] in FORMS:
        body, content_type = form(FORMS[last[2]], [a_picture()])
        return {"data": body, "content_type": content_type}
    words = {
        "login-codes": {"phone": a_phone()}, "tokens": {"phone": a_phone(), "password": "no"},
        "refresh": {"refresh_token": "none"}, "me": {"name": "新名字"}, "redactions": {"boxes": [A_BOX]},
        "people": {"phone": a_phone(), "name": "新来的", "roles": [{"role": "desk", "area": CITY}]},
        "return": {"reason": "not_my_area"}, "extension": {"reason": "weather"},
        "suspension": {"reason": "weather", "until": (clock.now() + timedelta(days=9)).isoformat()},
        "transfer": {"responder_id": facts["officer"], "reason": "other"},
        "slots": {"slots": [{"from": "09:00", "to": "17:00"}], "source": "市政府办公厅"},
        "deadlines": {"calendar_version": catalogue.calendar().version, "note": "放假安排公布"},
        "<int(min=2000,max=2100):year>": {"holidays": [], "make_up": [], "source": "国办发明电"},
        "rules": {"rules": [A_RULE]}, "switch": {"version": 1},
        "rehearsals": {"version": 1, "opened_from": "2026-01-01T00:00:00Z", "opened_to": "2026-12-31T00:00:00Z"},
        "leaves": {"person_id": facts["manager"], "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
        "roster": {"person_id": facts["manager"], "role": "grid_manager", "area": facts["grid"],
                   "from": f"08:{int(a_phone()[-2:]) % 60:02}", "to": "20:00", "from_on": "2028-01-01"},
        "original-requests": {"reason": "申诉需要核对"}, "refusal": {"note": "重复"},
        "centres": {"name": "新中心", "area_code": facts["grid"][:12]}, "stock": {"change": 1},
        "rewards": {"centre_id": facts["centre"], "kind": "goods", "name": "大米", "price": 1, "stock": 1},
        "previews": {"collection": renamed(facts["grid"])},
        "imports": {"collection": renamed(facts["grid"]), "based_on": listing.latest_number()},
        "redemptions": {"reward_id": facts["reward"]}, "leaderboard": {"name": f"好邻居{a_phone()[4:]}"},
        "funds": {"area_code": facts["community"], "budget": 1_000_000},
        "moves": {"move": "check", "numbers": [facts["number"]]},
        "rework": {"note": "车还在"}, "appeal": {"note": "送错了单"},
        "voiding": {"reason": "not_found", "note": "现场没有车"}, "comments": {"text": "已联系车主"},
        "satisfaction": {"solved": True, "satisfied": True},
        "amendment": {"category": "other", "note": "不在消防通道上"}, "review": {"verdict": "confirmed"},
        "merge": {"into": facts["other"]}, "separation": {"note": "是另一辆车"}, "unmerging": {"note": "是两辆车"},
        "condition": {"condition": facts["condition"], "note": "影响更大"},
        "decision": {"ruling": "upheld", "note": "经复核"} if "suspensions" in rule else {
            "verdict": "granted", "note": "确有原因"},
        "lifting": {"note": "经核实属误判"},
        "identity-requests": {"reason": "公安机关来函"}, "reporter-suspensions": {"reason": "spam", "note": "重复上报"},
    }
    of_one = {"/people/": {"name": "新名字"}, "/routing/roster/": {"from": "09:00", "to": f"1{a_phone()[-1]}:00"}}
    return {"json": words.get(last[2], of_one.get(last[0] + last[1], {}))}


def renamed(grid: str) -> dict[str, Any]:
    """A file of areas that gives a grid a name it never had."""
    drawn = feature(the_town(), grid)
    drawn["properties"]["name"] = f"网格{a_phone()}"
    return a_file(drawn)
