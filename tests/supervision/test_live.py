"""What needs somebody now, and where it happens."""

from datetime import datetime, timedelta

import h3
import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from incident_service.cases import CaseEvent, Move, Status
from incident_service.foundation import clock
from incident_service.foundation.database import db, new_id
from incident_service.foundation.transaction import transaction
from incident_service.supervision.chains import chained
from tests.factories import Phone, an_account
from tests.supervision.past import GRID, MORNING, OTHER_GRID, a_past_case, a_supervisor, given
from tests.supervision.test_filters import listed


@pytest.fixture
def phone(client):
    return Phone(client, a_supervisor("3601"))


@pytest.fixture
def street(client):
    return Phone(client, a_supervisor(GRID[:9]))


def numbers(answer):
    assert answer.status_code == 200, answer.json
    return [item["number"] for item in answer.json["items"]]


def an_hour_ago():
    return clock.now() - timedelta(hours=1)


def test_soon_due_is_what_is_due_within_the_minutes(phone, street):
    near = a_past_case(opened=an_hour_ago(), pushed=0, due=3600 + 1800)
    far = a_past_case(opened=an_hour_ago(), area=OTHER_GRID, pushed=0, due=3600 + 5400)
    a_past_case(opened=an_hour_ago(), pushed=0, due=60)
    a_past_case(opened=an_hour_ago(), pushed=0, rectified=1, closed=5, due=5000)
    assert numbers(phone.get("/supervision/soon-due?minutes=60")) == [near.number]
    assert numbers(phone.get("/supervision/soon-due")) == [near.number, far.number]
    assert numbers(street.get("/supervision/soon-due")) == [near.number]


def test_unseen_is_what_none_of_its_responders_has_opened(phone, street):
    officer = an_account()
    waiting, seen = (a_past_case(opened=an_hour_ago(), pushed=0, due=9999) for _ in range(2))
    given(waiting, officer.id), given(seen, officer.id, accepted=5)
    foreign = a_past_case(opened=an_hour_ago(), area=OTHER_GRID, pushed=0, due=9999)
    assert numbers(phone.get("/supervision/unseen")) == sorted([waiting.number, foreign.number])
    assert numbers(street.get("/supervision/unseen")) == [waiting.number]


def test_to_and_fro_is_what_was_passed_on_twice(phone):
    passed, once = (a_past_case(opened=an_hour_ago(), pushed=0, due=9999) for _ in range(2))
    with transaction():
        for case, moves in ((passed, (Move.RETURN, Move.TRANSFER)), (once, (Move.RETURN, Move.COMMENT))):
            for sequence, move in enumerate(moves, 2):
                db.session.add(CaseEvent(
                    id=new_id(), case_id=case.id, sequence=sequence, at=clock.now(), move=move, by_id=None,
                    status_before=Status.DISPATCHED, status_after=Status.RETURNED, note="", details={}))
    assert numbers(phone.get("/supervision/to-and-fro")) == [passed.number]


def test_what_is_done_or_excused_is_not_said_to_be_overdue(phone):
    long_ago = clock.now() - timedelta(days=3)
    cases = [a_past_case(opened=long_ago, pushed=1, due=3600, rectified=rectified) for rectified in (None, 60, None)]
    with transaction():
        cases[1].status, cases[2].late_excused_at = Status.RECTIFIED, clock.now()
    said = {each["number"]: each["overdue_s"] > 0 for each in phone.get("/supervision/open-cases").json["items"]}
    assert said == {case.number: case is cases[0] for case in cases}


def test_who_holds_what_for_how_long(phone, street):
    officer, other = an_account(name="交警甲"), an_account(name="交警乙")
    old = a_past_case(opened=clock.now() - timedelta(hours=5), pushed=0, due=60)
    young = a_past_case(opened=an_hour_ago(), pushed=0, due=9999)
    given(old, officer.id, accepted=9), given(young, officer.id)
    given(a_past_case(opened=an_hour_ago(), area=OTHER_GRID, pushed=0, due=9999), other.id)
    given(a_past_case(opened=an_hour_ago(), pushed=0, rectified=5, closed=5, due=99), officer.id, rectified=5)
    items = phone.get("/supervision/holding").json["items"]
    assert [(item["name"], item["cases"], item["overdue"], item["unseen"]) for item in items] == [
        ("交警甲", 2, 1, 1), ("交警乙", 1, 0, 1)]
    assert 17_900 < items[0]["held_s"] < 18_100
    assert [item["name"] for item in street.get("/supervision/holding").json["items"]] == ["交警甲"]


def test_what_was_excused_is_not_overdue_in_anybodys_hands(phone):
    officer = an_account()
    case = a_past_case(opened=an_hour_ago(), pushed=0, due=60)
    given(case, officer.id)
    with transaction():
        db.session.merge(case).late_excused_at = clock.now()
    assert phone.get("/supervision/holding").json["items"][0]["overdue"] == 0
    assert numbers(phone.get("/supervision/overdue")) == []


def test_gaps_in_the_roster_are_those_of_ones_own_areas(client, town):
    with clock.stopped(MORNING):
        city, mine, other = (Phone(client, a_supervisor(area)).get("/supervision/roster-gaps?limit=2000").json
                             for area in ("3601", town.street, OTHER_GRID[:9]))
    places = [{(gap["area"], gap["role"], gap["from"], gap["to"]) for gap in each["items"]}
              for each in (city, mine, other)]
    assert mine["count"] == len(mine["items"]) > 0
    assert {gap["area"][:9] for gap in mine["items"]} == {town.street}
    assert places[1] < places[0] and places[2] < places[0] and not places[1] & places[2]


def test_the_backlog_by_age(phone, street):
    for days in (0, 2, 2, 40):
        a_past_case(opened=clock.now() - timedelta(days=days, minutes=5), pushed=0, due=5)
    a_past_case(opened=an_hour_ago(), pushed=0, closed=5), a_past_case(opened=an_hour_ago(), area=OTHER_GRID)
    lines = {line["status"]: line for line in phone.get("/supervision/backlog").json["items"]}
    assert lines["dispatched"]["by_age"] == {
        "up_to_1_day": 1, "up_to_3_days": 2, "up_to_7_days": 0, "up_to_30_days": 0, "older": 1}
    assert {status: line["cases"] for status, line in lines.items()} == {"dispatched": 4, "dispatching": 1}
    assert {line["status"] for line in street.get("/supervision/backlog").json["items"]} == {"dispatched"}


def placed(case, longitude, latitude):
    with transaction():
        case.longitude, case.latitude = longitude, latitude
    return case


ASKED = "from=2026-11-10&to=2026-11-11"


def test_hexagons_hold_their_cases_and_add_up(phone, street):
    for east, area in ((115.93, GRID), (115.93, GRID), (115.99, OTHER_GRID)):
        placed(a_past_case(area=area, pushed=0, rectified=5, due=9), east, 28.69)
    body = phone.get(f"/supervision/heatmap?{ASKED}&resolution=8").json
    assert [(item["cell"], item["cases"], item["within_limit_percent"]) for item in body["items"]] == [
        (h3.latlng_to_cell(28.69, 115.93, 8), 2, 100.0), (h3.latlng_to_cell(28.69, 115.99, 8), 1, 100.0)]
    assert (body["cases"], len(body["items"][0]["boundary"])) == (3, 6)
    assert street.get(f"/supervision/heatmap?{ASKED}").json["cases"] == 2
    assert phone.get(f"/supervision/heatmap?{ASKED}&category=other").json["items"] == []
    assert phone.get(f"/supervision/heatmap?{ASKED}&resolution=15").status_code == 422


def test_a_hexagons_share_in_time_is_of_what_has_a_deadline(phone):
    for clocks in ({"rectified": 5, "due": 9}, {"rectified": 50, "due": 9}, {"rectified": 5}, {}):
        placed(a_past_case(pushed=0, **clocks), 115.93, 28.69)
    placed(a_past_case(), 115.99, 28.69)
    most, other = phone.get(f"/supervision/heatmap?{ASKED}&resolution=8").json["items"]
    assert [(item["cases"], item["with_deadline"], item["within_limit_percent"]) for item in (most, other)] == [
        (4, 2, 50.0), (1, 0, None)]
    assert len(listed(phone, f"{most['cases_url']}&figure=with_deadline")[0]) == 2


def test_the_same_thing_within_thirty_metres_recurs(phone, street):
    step = 25 / 111_195                                         # 25 m north
    chain = [placed(a_past_case(), 115.93, 28.69 + step * at) for at in range(3)]
    placed(a_past_case(category="other"), 115.93, 28.69)
    placed(a_past_case(), 115.93, 28.69 + step * 10)
    spot, = phone.get(f"/supervision/recurring-spots?{ASKED}").json["items"]
    assert (spot["category"], spot["cases"]) == ("fire_lane", 3)
    assert set(spot["numbers"]) == {case.number for case in chain}
    assert len(street.get(f"/supervision/recurring-spots?{ASKED}").json["items"]) == 1
    assert phone.get(f"/supervision/recurring-spots?{ASKED}&category=other").json["items"] == []


def test_two_shares_in_a_case_are_no_recurrence(phone):
    officers = [an_account(), an_account()]
    for number in range(3):
        assert phone.get(f"/supervision/recurring-spots?{ASKED}&role=officer").json["items"] == [], number
        case = placed(a_past_case(pushed=0), 115.93, 28.69)
        for officer, part in zip(officers, ("lead", "assist"), strict=True):
            given(case, officer.id, part=part)
    spot, = phone.get(f"/supervision/recurring-spots?{ASKED}&role=officer").json["items"]
    assert spot["cases"] == len(set(spot["numbers"])) == listed(phone, spot["cases_url"])[1] == 3


@settings(max_examples=40, deadline=None)
@for_all(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(0, 300)), max_size=25))
def test_chains_are_those_a_person_would_draw(some):
    east, north = (np.array([each[at] / 111_195 for each in some], dtype=float) for at in (0, 1))
    opened = np.array([np.datetime64("2026-01-01", "us") + np.timedelta64(days, "D") for *_, days in some],
                      dtype="datetime64[us]")
    chains = {frozenset(rows.tolist()) for rows in chained(east, north, opened, np.zeros(len(some)))}
    links = [{row} for row in range(len(some))]
    for a in range(len(some)):
        for b in range(a):
            apart = np.hypot(*(np.array(some[a][:2], dtype=float) - some[b][:2]))
            if apart < 29.99 and abs(some[a][2] - some[b][2]) <= 90:
                joined = next(each for each in links if a in each) | next(each for each in links if b in each)
                links = [each for each in links if not each & joined] + [joined]
    assert chains == set(map(frozenset, links)) or any(
        29.99 <= np.hypot(a[0] - b[0], a[1] - b[1]) <= 30.01 for a in some for b in some)


def test_who_holds_both_parts_of_a_case_holds_one_case(phone):
    officer = an_account()
    case = a_past_case(opened=an_hour_ago(), pushed=0, due=5)
    given(case, officer.id, accepted=1), given(case, officer.id, part="assist", after=60)
    held, = phone.get("/supervision/holding").json["items"]
    assert (held["cases"], held["overdue"], held["unseen"]) == (1, 1, 1)
    assert datetime.fromisoformat(held["oldest_pushed_at"]) == case.pushed_at
    for more in ("", "&overdue=true", "&unseen=true"):
        assert listed(phone, held["cases_url"] + more)[1] == 1


def test_the_backlog_and_what_anybody_holds_lead_to_their_cases(client, app):
    officer, other = an_account(), an_account()
    with clock.stopped(MORNING + timedelta(days=50)):
        now = clock.now()
        for number, age in enumerate((0, 0.9, 1, 1.1, 3, 6, 7, 20, 30, 31, 45)):
            case = a_past_case(area=(GRID, OTHER_GRID)[number % 2], opened=now - timedelta(days=age), pushed=0,
                               due=(60, 9_999_999)[number % 3 == 0])
            given(case, (officer, other)[number % 4 == 3].id, accepted=(None, 9)[number % 3 == 1])
        a_past_case(opened=now - timedelta(days=2)), a_past_case(opened=now - timedelta(days=2), pushed=0, closed=9)
        for area in ("3601", GRID[:9]):
            phone, followed = Phone(client, a_supervisor(area)), 0
            for line in phone.get("/supervision/backlog").json["items"]:
                for more, count in (("", line["cases"]), *((f"&age={age}", n) for age, n in line["by_age"].items())):
                    found, in_all = listed(phone, line["cases_url"] + more, limit=4)
                    assert len({each["number"] for each in found}) == in_all == count, more
                    followed += count
            for held in phone.get("/supervision/holding").json["items"]:
                for more in ("cases", "overdue", "unseen"):
                    found, in_all = listed(phone, held["cases_url"] + f"&{more}=true" * (more != "cases"), limit=4)
                    assert len(found) == in_all == held[more], more
            assert followed > 10
        assert phone.get("/supervision/open-cases?age=ancient").status_code == 422
