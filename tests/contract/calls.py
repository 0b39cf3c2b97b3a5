"""What is sent to the routes of the access table: a way that leads somewhere, and a body that would do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from incident_service import catalogue
from incident_service.areas import listing
from incident_service.demo.caller import form
from incident_service.foundation import clock
from tests.areas.town import a_file, feature, the_town
from tests.contract.access_table import Row
from tests.contract.facts import A_BOX, SMALL, Facts
from tests.factories import A_RULE, CITY, a_phone, a_picture
from tests.journeys.handsets import PLACE

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
SPAN = "?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"

FORMS = {"reports": PLACE, "rectification": {}, "reopening": {"reason": "not_solved"}}      # each with a picture
BODIES: dict[str, dict[str, Any] | Callable[[Facts], dict[str, Any]]] = {                   # by how a rule ends
    "/login-codes": lambda _: {"phone": a_phone()},
    "/tokens": lambda _: {"phone": a_phone(), "password": "no"}, "/refresh": {"refresh_token": "none"},
    "/me": {"name": "新名字"},
    "/people": lambda _: {"phone": a_phone(), "name": "新来的", "roles": [{"role": "desk", "area": CITY}]},
    "/people/<uuid:id>": {"name": "新名字"},

    "/return": {"reason": "not_my_area"}, "/extension": {"reason": "weather"},
    "/suspension": lambda _: {"reason": "weather", "until": (clock.now() + timedelta(days=9)).isoformat()},
    "/refusal": {"note": "重复"}, "/transfer": lambda facts: {"responder_id": facts["officer"], "reason": "other"},
    "/rework": {"note": "车还在"}, "/voiding": {"reason": "not_found", "note": "现场没有车"},
    "/amendment": {"category": "other", "note": "不在消防通道上"},
    "/condition": lambda _: {"condition": catalogue.category("fire_lane").conditions[-1].code, "note": "影响更大"},
    "/satisfaction": {"solved": True, "satisfied": True}, "/comments": {"text": "已联系车主"},
    "/merge": lambda facts: {"into": facts["other"]}, "/unmerging": {"note": "是两辆车"},
    "/separation": {"note": "是另一辆车"}, "/moves": lambda facts: {"move": "check", "numbers": [facts["number"]]},
    "/appeal": {"note": "送错了单"}, "/appeal/decision": {"verdict": "granted", "note": "确有原因"},
    "/review": {"verdict": "confirmed"},
    "/reporter-suspensions": {"reason": "spam", "note": "重复上报"}, "/lifting": {"note": "经核实属误判"},
    "suspensions/<uuid:id>/decision": {"ruling": "upheld", "note": "经复核"},
    "/identity-requests": {"reason": "公安机关来函"}, "/original-requests": {"reason": "申诉需要核对"},
    "/redactions": {"boxes": [A_BOX]},

    "/slots": {"slots": [{"from": "09:00", "to": "17:00"}], "source": "市政府办公厅"},
    "/deadlines": lambda _: {"calendar_version": catalogue.calendar().version, "note": "放假安排公布"},
    "/<int(min=2000,max=2100):year>": {"holidays": [], "make_up": [], "source": "国办发明电"},

    "/centres": lambda facts: {"name": "新中心", "area_code": facts["community"]},
    "/rewards": lambda facts: {"centre_id": facts["centre"], "kind": "goods", "name": "大米", "price": 1, "stock": 1},
    "/stock": {"change": 1}, "/redemptions": lambda facts: {"reward_id": facts["reward"]},
    "/funds": lambda facts: {"area_code": facts["community"], "budget": 1_000_000},
    "/leaderboard": lambda _: {"name": f"好邻居{a_phone()[4:]}"},

    "/previews": lambda facts: {"collection": renamed(facts["grid"])},
    "/imports": lambda facts: {"collection": renamed(facts["grid"]), "based_on": listing.latest_number()},

    "/rules": {"rules": [A_RULE]}, "/switch": {"version": 1},
    "/rehearsals": {"version": 1, "opened_from": "2026-01-01T00:00:00Z", "opened_to": "2026-12-31T00:00:00Z"},
    "/leaves": lambda facts: {
        "person_id": facts["manager"], "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
    "/roster": lambda facts: {
        "person_id": facts["manager"], "role": "grid_manager", "area": facts["grid"],
        "from": f"08:{int(a_phone()[-2:]) % 60:02}", "to": "20:00", "from_on": "2028-01-01"},
    "/roster/<uuid:id>": lambda _: {"from": "09:00", "to": f"1{a_phone()[-1]}:00"},
}


def call(row: Row, facts: Facts) -> dict[str, Any]:
    """What a client is given to call a route, but for who is calling."""
    body = {} if row.method == "GET" else content(row.rule, facts)
    return {"path": way(row.rule, facts), "method": row.method} | body


def way(rule: str, facts: Facts) -> str:
    """The path of something real."""
    for gap, filling in WAYS.items():
        rule = rule.replace(gap, filling)
    return rule.format_map(facts) + (SPAN if "/centres/" in rule and "/statement" in rule else "")


def content(rule: str, facts: Facts) -> dict[str, Any]:
    """A form with a picture, or JSON."""
    last = rule.rpartition("/")[2]
    if last in FORMS:
        body, content_type = form(FORMS[last], [a_picture(size=SMALL)])
        return {"data": body, "content_type": content_type}
    body = next((body for end, body in BODIES.items() if rule.endswith(end)), {})
    return {"json": body(facts) if callable(body) else body}


def renamed(grid: str) -> dict[str, Any]:
    """A file of areas that gives a grid a name it never had."""
    drawn = feature(the_town(), grid)
    drawn["properties"]["name"] = f"网格{a_phone()}"
    return a_file(drawn)
