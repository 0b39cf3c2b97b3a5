"""Every cell of every answer bears an address, and behind it are exactly as many cases as the cell says.

Little worlds with cases of every kind are asked every grouping under every filter, and under any two of them; some
cells of each answer, drawn by lot, are followed as the same caller, page by page.
"""

from collections import Counter
from datetime import timedelta
from itertools import combinations
from random import Random

import h3
import pytest

from incident_service.cases import Status
from incident_service.foundation import clock
from incident_service.supervision.grouping import OF_RESPONDERS, GroupBy
from tests.factories import Phone
from tests.supervision.past import a_supervisor
from tests.supervision.test_filters import listed

PERIOD = "from=2026-11-01&to=2026-12-01"
COUNTS = ("cases", "closed", "within_limit")
NOT_COUNTED = (Status.VOID, Status.MERGED)


def questions(people) -> list[str]:
    """Every grouping under every filter alone, and under each two of them some groupings in turn."""
    filters = ("area=360111", "category=fire_lane", "condition=occupied", "kind=Noise", f"responder={people[0]}",
               "role=officer", "hours=6-20", "weekdays=1-5", "area=360111X01", "area=360111J01", "area=36011100100")
    found = [(some, by) for size in (0, 1) for some in combinations(filters, size) for by in (None, *GroupBy)]
    pairs = [some for some in combinations(filters, 2) if not all(each.startswith("area") for each in some)]
    found += [(some, list(GroupBy)[at % len(GroupBy)]) for at, some in enumerate(pairs)]
    return ["&".join([PERIOD, *some, *([f"group_by={by}"] if by else [])]) for some, by in found]


@pytest.mark.parametrize(("area", "every"), [("3601", 1), ("360111001", 10)])
def test_the_cases_behind_a_cell_are_as_many_as_it_says(client, world, area, every):
    phone, chance, followed = Phone(client, a_supervisor(area)), Random(5), Counter()
    for asked in questions(world[1])[::every]:
        body = phone.get(f"/supervision/response-times?{asked}").json
        item, name = chance.choice([*body["items"], body["total"]]), chance.choice(COUNTS)
        found, count = listed(phone, f"{item['cases_url']}&figure={name}", limit=20)
        assert len(found) == count == item[name], (asked, item.get("key"), name)
        followed[name] += count
        if body["group_by"] and not any(f"group_by={each}" in asked for each in OF_RESPONDERS):
            for name in (*COUNTS, "negative_spans"):
                assert sum(item[name] for item in body["items"]) == body["total"][name], (asked, name)
    assert len(followed) == len(COUNTS) and min(followed.values()) > 1


def test_what_is_left_out_is_listed_too(client, world):
    phone = Phone(client, a_supervisor("3601"))
    body = phone.get(f"/supervision/response-times?{PERIOD}").json
    left, count = listed(phone, f"{body['total']['cases_url']}&figure=left_out")
    assert Counter(case["status"] for case in left) == Counter(body["left_out"]) and count == len(left) > 5
    assert body["total"]["cases"] + count == len(world[0])
    for status, number in body["left_out"].items():
        alone, in_all = listed(phone, f"{body['total']['cases_url']}&figure={status}")
        assert len(alone) == in_all == number and {case["status"] for case in alone} == {status}


def test_the_cases_on_both_sides_of_a_rate_are_as_many_as_it_says(client, world):
    phone, chance = Phone(client, a_supervisor("3601")), Random(7)
    followed = Counter()
    for asked in questions(world[1])[::11]:
        body = phone.get(f"/supervision/rates?{asked}").json
        values = [value for each in [*body["items"], {"values": body["total"]}] for value in each["values"]]
        for value in chance.sample(values, min(len(values), 2)):
            part = chance.choice(("numerator", "denominator"))
            found, count = listed(phone, value[f"{part}_url"], limit=20)
            assert len(found) == count == value[part], (asked, value["code"], part)
            followed[part] += count
    assert min(followed.values()) > 50


def test_the_cases_in_a_hexagon_are_as_many_as_it_says(client, world):
    phone = Phone(client, a_supervisor("3601"))
    for asked in ("resolution=8", "resolution=7&category=fire_lane", "resolution=9&role=officer&hours=0-12"):
        body = phone.get(f"/supervision/heatmap?{PERIOD}&{asked}").json
        assert body["cases"] == phone.get(
            f"/supervision/response-times?{PERIOD}&{asked.split('&', 1)[-1].replace('resolution=8', '')}"
        ).json["total"]["cases"]
        for item in body["items"][:6]:
            for name in (*COUNTS, "negative_spans"):
                found, count = listed(phone, f"{item['cases_url']}&figure={name}")
                assert len(found) == count == item[name]
    numbers = {case["number"] for case in listed(phone, body["items"][0]["cases_url"])[0]}
    assert all(h3.latlng_to_cell(case.latitude, case.longitude, 9) == body["items"][0]["cell"]
               for case in world[0] if case.number in numbers)
    for cell in ("x", "é", "0", "89" * 20, "ffffffffffffffff"):
        assert phone.get(f"/supervision/cases?hexagon={cell}").status_code == 422


def test_areas_of_the_fire_service_are_areas_like_others(client, world):
    """As filter, as groups, and for who looks over nothing else."""
    counted = [case for case in world[0] if case.status not in NOT_COUNTED]
    expected = Counter(case.fire_area_code for case in counted)
    phone = Phone(client, a_supervisor("3601"))
    items = phone.get(f"/supervision/response-times?{PERIOD}&group_by=area:fire_area").json["items"]
    assert {item["key"]: item["cases"] for item in items} == expected
    for path, count in (("response-times", lambda body: body["total"]["cases"]), ("cases", lambda body: body["count"]),
                        ("heatmap", lambda body: body["cases"]),
                        ("export.json", lambda body: body["total"]["cases"])):
        assert count(phone.get(f"/supervision/{path}?{PERIOD}&area=360111X02").json) == expected["360111X02"], path
    chief = Phone(client, a_supervisor("360111X01"))
    assert chief.get(f"/supervision/response-times?{PERIOD}").json["total"]["cases"] == expected["360111X01"]
    both = Phone(client, a_supervisor("360111X01", "360111J01"))
    assert both.get(f"/supervision/response-times?{PERIOD}").json["total"]["cases"] == sum(
        case.fire_area_code == "360111X01" or case.beat_code == "360111J01" for case in counted)


def test_what_was_merged_counts_once_and_again_when_it_is_undone(town, phone_of, run_jobs):
    resident, desk, supervisor = phone_of(town.resident), phone_of(town.desk), phone_of(town.supervisor)
    with clock.stopped(clock.now() - timedelta(hours=2)):
        other = phone_of(town.neighbour).report(category="other", latitude=28.6905).json["case_number"]
        number = resident.report().json["case_number"]
        run_jobs()

    def told():
        body = supervisor.get("/supervision/response-times?group_by=category").json
        return ({item["key"]: item["cases"] for item in body["items"]}, body["total"]["cases"], body["left_out"],
                sum(line["cases"] for line in supervisor.get("/supervision/backlog").json["items"]),
                sum(each["cases"] for each in supervisor.get("/supervision/holding").json["items"]))

    before = told()
    assert before[:4] == ({"fire_lane": 1, "other": 1}, 2, {"void": 0, "merged": 0}, 2)
    assert desk.post(f"/cases/{number}/merge", {"into": other}).status_code == 200
    assert told()[:4] == ({"other": 1}, 1, {"void": 0, "merged": 1}, 1)
    assert desk.post(f"/cases/{number}/unmerging", {"note": "两件事"}).status_code == 200
    run_jobs()
    assert told() == before
