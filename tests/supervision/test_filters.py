"""Any combination of filters gives the figures of exactly the cases that pass, and leads to their list."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from sqlalchemy import select

from incident_service.accounts import Role
from incident_service.cases import Case, Dispatch
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction
from incident_service.supervision.behind import Figure
from incident_service.supervision.filters import Filters
from incident_service.supervision.grouping import GroupBy
from incident_service.supervision.periods import Period, previous, year_before
from incident_service.supervision.response_times import compared, figures_of
from incident_service.supervision.scope import Scope
from tests.factories import Phone, an_account
from tests.supervision.past import (
    GRID,
    NOVEMBER,
    THAT_DAY,
    a_month_of_cases,
    a_past_case,
    a_supervisor,
    expected,
    given,
    times,
    told,
)
from tests.supervision.test_response_times import SHANGHAI

CITY = Scope(["3601"])


def local(case: Case) -> datetime:
    return case.opened_at.astimezone(SHANGHAI)


PASSES = {
    "area": ("360111", lambda case: bool(case.area_code and case.area_code.startswith("360111"))),
    "category": ("fire_lane", lambda case: case.category == "fire_lane"),
    "hours": (frozenset(range(8, 18)), lambda case: 8 <= local(case).hour < 18),
    "weekdays": (frozenset({1, 2, 5}), lambda case: local(case).isoweekday() in (1, 2, 5)),
}


def test_every_combination_counts_the_cases_that_pass_all_of_them(app):
    everything = a_month_of_cases(150, seed=3)
    for some in (each for size in range(1, 5) for each in combinations(PASSES, size)):
        filters = Filters(**{name: PASSES[name][0] for name in some})
        passing = [case for case in everything if all(PASSES[name][1](case) for name in some)]
        assert told(figures_of(CITY, NOVEMBER, filters=filters).total) == expected(passing), some


def test_the_days_of_the_week_are_those_on_the_wall(app):
    everything = a_month_of_cases(60, seed=5)
    found = figures_of(CITY, NOVEMBER, group_by=GroupBy.WEEKDAY)
    assert {item.key: item.figures.cases for item in found.items} == Counter(
        str(local(case).isoweekday()) for case in everything)


def test_void_and_merged_cases_are_left_out_and_told(app):
    a_past_case(pushed=1, closed=5)
    for status in ("void", "merged", "merged"):
        case = a_past_case(pushed=1, closed=900)
        with transaction():
            db.session.execute(db.text("UPDATE case_file SET status = :status WHERE number = :number"),
                               {"status": status, "number": case.number})
    found = figures_of(CITY, THAT_DAY, group_by=GroupBy.CATEGORY)
    assert (found.total.cases, found.total.to_close.p50, found.left_out) == (1, 5.0, {"void": 1, "merged": 2})
    assert [item.figures.cases for item in found.items] == [1]


def test_a_responder_and_a_role_are_timed_by_their_own_clocks(app):
    officer, manager = an_account(), an_account()
    both, alone = a_past_case(pushed=2, closed=900, due=700), a_past_case(pushed=4, closed=100)
    given(both, officer.id, accepted=30, rectified=600)
    given(alone, officer.id, accepted=10)
    given(both, manager.id, part="assist", accepted=45)
    found = figures_of(CITY, THAT_DAY, filters=Filters(responder=officer.id), group_by=GroupBy.CATEGORY)
    assert (found.total.cases, found.total.to_accept.mean, found.total.within_limit) == (2, 20.0, 1)
    assert [item.figures.cases for item in found.items] == [2]
    assert figures_of(CITY, THAT_DAY, filters=Filters(role="officer")).total.cases == 3         # shares, not cases
    assert [(item.key, item.figures.cases) for item in figures_of(CITY, THAT_DAY, group_by=GroupBy.ROLE).items] == [
        ("officer", 3)]


@pytest.mark.parametrize(("asked", "before", "last_year"), [
    (("2026-11-01", "2026-12-01"), ("2026-10-02", "2026-11-01"), ("2025-11-01", "2025-12-01")),
    (("2024-02-29", "2024-03-01"), ("2024-02-28", "2024-02-29"), ("2023-02-28", "2023-03-01")),
    (("2024-02-28", "2024-02-29"), ("2024-02-27", "2024-02-28"), ("2023-02-28", "2023-03-01")),
])
def test_the_period_before_and_the_year_before(app, asked, before, last_year):
    def days(since, until):
        return Period(*(datetime.fromisoformat(day).replace(tzinfo=SHANGHAI).astimezone(UTC) for day in (since, until)))

    assert (previous(days(*asked)), year_before(days(*asked))) == (days(*before), days(*last_year))


def test_a_clock_change_makes_no_day_longer(app, monkeypatch):
    monkeypatch.setitem(app.config, "TIME_ZONE", "America/New_York")
    week = Period(datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 15, 4, tzinfo=UTC))
    assert previous(week) == (datetime(2026, 3, 1, 5, tzinfo=UTC), week.since)


@pytest.mark.parametrize("began", ["2026-03-08 06:50", "2026-03-08 07:10", "2026-11-01 05:50", "2026-11-01 06:10",
                                   "2027-03-08 06:50", "2025-11-02 06:00", "2027-11-01 05:45"])
def test_an_hour_beside_a_clock_change_is_compared_with_an_hour(app, monkeypatch, began):
    """Around the changes, and a year after them."""
    monkeypatch.setitem(app.config, "TIME_ZONE", "America/New_York")
    since = datetime.fromisoformat(began).replace(tzinfo=UTC)
    for minutes in (20, 60):
        hour = Period(since, since + timedelta(minutes=minutes))
        assert previous(hour) == (since - timedelta(minutes=minutes), since)
        before = year_before(hour)
        assert before.until - before.since == hour.until - hour.since
        assert timedelta(days=364) < since - before.since < timedelta(days=367)


def test_three_periods_side_by_side(app):
    for days in (0, 1, 1, 365, 365, 365):
        a_past_case(opened=THAT_DAY.since + timedelta(hours=5) - timedelta(days=days))
    found = compared(CITY, THAT_DAY)
    assert [each.total.cases for each in found] == [1, 2, 3]


@pytest.fixture
def phone(client):
    return Phone(client, a_supervisor("3601"))


def listed(phone, url, limit=7):
    """All cases behind a figure, page by page, and what the list says there are."""
    question, found, cursor = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)), [], ""
    while cursor is not None:
        page = phone.get(f"{urlsplit(url).path.removeprefix('/api/v1')}?" + "&".join(
            f"{name}={quote(value)}" for name, value in (question | {"limit": str(limit), "cursor": cursor}).items()))
        assert page.status_code == 200, page.json
        found += page.json["items"]
        cursor = page.json["next_cursor"]
    return found, page.json["count"]


@pytest.mark.parametrize("group_by", ["area:street", "category", "weekday", "hour", "responder", "kind"])
def test_every_figure_leads_to_its_cases_and_the_counts_agree(phone, group_by):
    officer = an_account()
    for case in a_month_of_cases(40, seed=9)[::2]:
        given(case, officer.id, accepted=5)
    body = phone.get(f"/supervision/response-times?from=2026-11-01&to=2026-12-01&group_by={group_by}").json
    assert body["total"]["cases"] == 40
    for item in (*body["items"], body["total"]):
        for figure in ("cases", "closed", "within_limit"):
            found, count = listed(phone, f"{item['cases_url']}&figure={figure}")
            assert len(found) == count == item[figure]
        assert len({case["number"] for case in found}) == len(found)


def test_figures_partition_the_cases(phone):
    a_month_of_cases(30, seed=4)
    question = "/api/v1/supervision/cases?from=2026-11-01&to=2026-12-01"
    numbers = {figure: {case["number"] for case in listed(phone, f"{question}&figure={figure.value}")[0]}
               for figure in Figure}
    assert numbers[Figure.CLOSED] | numbers[Figure.STILL_OPEN] == numbers[Figure.CASES]
    assert not numbers[Figure.CLOSED] & numbers[Figure.STILL_OPEN]
    assert not numbers[Figure.LATE] & numbers[Figure.WITHIN_LIMIT]


@pytest.mark.parametrize("cursor", ["x", "%00", "AAAA", "é"])
def test_a_foreign_cursor_is_refused(phone, cursor):
    answer = phone.get(f"/supervision/cases?cursor={cursor}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/cursor")


def test_small_numbers_are_marked(phone, app):
    for _ in range(10):
        a_past_case(category="other")
    a_past_case()
    items = phone.get("/supervision/response-times?from=2026-11-10&to=2026-11-11&group_by=category").json["items"]
    assert [(item["key"], item["sample"]) for item in items] == [("fire_lane", "small"), ("other", "enough")]


def test_a_responder_sees_their_own_figures_and_the_cases_behind_them(client):
    officer, other = an_account(Role.OFFICER, "3601", kind="traffic"), an_account()
    mine, foreign = a_past_case(pushed=1, due=100), a_past_case(pushed=1)
    given(mine, officer.id, accepted=7, rectified=60)
    given(foreign, other.id, accepted=9)
    phone = Phone(client, officer)
    body = phone.get("/me/figures?from=2026-11-10&to=2026-11-11").json
    assert (body["total"]["cases"], body["total"]["to_accept"]["p50"], body["total"]["within_limit"]) == (1, 7.0, 1)
    found, count = listed(phone, body["total"]["cases_url"])
    assert ([case["number"] for case in found], count) == ([mine.number], 1)
    stolen = phone.get(f"/me/figures?from=2026-11-10&to=2026-11-11&responder={other.id}").json
    assert stolen["total"]["to_accept"]["p50"] == 7.0
    assert phone.get("/supervision/response-times").status_code == 403


def test_no_filter_reaches_beyond_a_supervisors_areas(client):
    a_past_case(area="360111002001001"), a_past_case(area=GRID), a_past_case(area=None)
    phone = Phone(client, a_supervisor(GRID[:9]))
    for question in ("area=3601", "area=360111002", "group_by=area:street&area=3601", "category=fire_lane"):
        body = phone.get(f"/supervision/response-times?from=2026-11-10&to=2026-11-11&{question}").json
        assert body["total"]["cases"] == (0 if question == "area=360111002" else 1), question
        behind = phone.get(f"/supervision/cases?from=2026-11-10&to=2026-11-11&{question}").json
        assert behind["count"] == body["total"]["cases"]


def test_comparisons_stand_beside_the_figures_when_asked_for(phone):
    a_past_case(), a_past_case(opened=THAT_DAY.since - timedelta(hours=1))
    body = phone.get("/supervision/response-times?from=2026-11-10&to=2026-11-11&compare=yes&group_by=category").json
    assert [body[name]["total"]["cases"] for name in ("previous", "year_before")] == [1, 0]
    assert body["previous"]["items"][0]["cases_url"] != body["items"][0]["cases_url"]


def test_any_three_filters_count_what_a_person_would(world):
    """Also those of responders, whose shares are timed by their own clocks."""
    cases, (somebody, *_) = world
    clocks = defaultdict(list)
    for each in db.session.scalars(select(Dispatch)):
        clocks[each.case_id, each.responder_id].append(each)
    wanted = {"responder": somebody, "role": "officer", "area": "360111", "category": "fire_lane",
              "condition": "occupied", "kind": "Noise", "hours": frozenset(range(6, 20)),
              "weekdays": frozenset({1, 2, 3, 7})}
    passes = {name: PASSES[name][1] for name in ("area", "category")} | {
        "condition": lambda case: case.condition == "occupied", "kind": lambda case: case.original_kind == "Noise",
        "hours": lambda case: 6 <= local(case).hour < 20,
        "weekdays": lambda case: local(case).isoweekday() in wanted["weekdays"]}
    counted = [case for case in cases if case.status not in ("void", "merged")]
    followed = 0
    for some in combinations(wanted, 3):
        passing = [case for case in counted if all(passes[name](case) for name in some if name in passes)]
        spans = [(case.pushed_at, case.accepted_at) for case in passing]
        if "responder" in some or "role" in some:
            shares = [clocks[case.id, who] for case in passing for who in {who for id, who in clocks if id == case.id}
                      if "responder" not in some or who == somebody]
            spans = [(min(each.pushed_at for each in share),
                      min((each.accepted_at for each in share if each.accepted_at), default=None)) for share in shares]
        found = figures_of(CITY, NOVEMBER, filters=Filters(**{name: wanted[name] for name in some})).total
        taken = [(end - start).total_seconds() for start, end in spans if start and end]
        assert found.cases == len(spans), some
        assert tuple(found.to_accept) == pytest.approx(tuple(times(taken).values()), abs=2e-6), some
        followed += found.cases
    assert followed > 100
