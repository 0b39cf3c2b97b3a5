"""Pairs, bursts, repeated spots, haste: from the threshold on points wait for a supervisor, the evidence listed."""

from datetime import timedelta

import pytest

from incident_service import cases, points
from incident_service.foundation import clock
from incident_service.points import Fact, HeldBecause
from incident_service.points.guard import GuardBroken, read_guard
from tests.factories import a_picture
from tests.points.scenes import settings

RULE = '[[rule]]\nfact = "pair"\nat_least = 3\nweight = 50\nsource = "x"\n'
BROKEN = {
    "no threshold": RULE,
    "no source": "threshold = 100\n" + RULE.replace('source = "x"\n', ""),
    "no bound": "threshold = 100\n" + RULE.replace("at_least = 3\n", ""),
    "unknown fact": "threshold = 100\n" + RULE.replace("pair", "smell"),
    "no weight": "threshold = 100\n" + RULE.replace("50", "0"),
    "not whole": "threshold = 100\n" + RULE.replace("3", "3.5"),
}


@pytest.fixture
def settle(town, phone_of, run_jobs):
    """Report, rectify and close a case, by whom and after which waits one says; its number."""
    def go(*, reporter=None, rectify_after=0, close_after=0, closer=None, **place) -> str:
        began = clock.now()
        number = phone_of(reporter or town.resident).report(**place).json["case_number"]
        run_jobs()
        with clock.stopped(began + timedelta(seconds=rectify_after)):
            phone_of(town.officer).send(f"/cases/{number}/rectification", {}, [a_picture()])
            run_jobs()
        with clock.stopped(began + timedelta(seconds=close_after)):
            cases.close(number, by=closer or town.manager)
        return number
    return go


@pytest.fixture(autouse=True)
def guarded(app):
    with settings(app, POINTS_ARE_LIMITED=True):
        yield


def test_haste_at_one_spot_by_one_pair_is_held_with_its_evidence(town, settle, phone_of):
    numbers = [settle() for _ in range(3)]
    supervisor = phone_of(town.supervisor)
    held = supervisor.get("/points/holds?open=true").json["items"]
    assert {each["case_number"] for each in held} == {numbers[2]}
    assert {each["reason"] for each in held} == {"first_report", "grid_management"}
    assert {each["code"] for each in held[0]["because"]} == {
        "spot", "seconds_to_rectify", "seconds_to_close", "own_closing"}
    assert "上报人 30 天内在同一地点第 3 件（权重 30）" in {each["text"] for each in held[0]["because"]}


def test_the_same_cases_at_the_pace_of_the_story_are_given(town, settle):
    for _ in range(3):
        settle(rectify_after=600, close_after=900, closer=town.desk)
    assert points.of(town.manager.id) == (15, 0)


def test_the_rules_are_silent_where_the_city_switches_them_off(app, town, settle):
    with settings(app, POINTS_ARE_LIMITED=False):
        for _ in range(4):
            settle()
    assert points.of(town.resident.id) == (40, 0)


@pytest.mark.parametrize(("facts", "codes"), [
    ({Fact.PAIR: 16}, []),
    ({Fact.PAIR: 16, Fact.SPOT: 6, Fact.OWN_HANDLING: 1}, []),
    ({Fact.PAIR: 16, Fact.SPOT: 6, Fact.BURST: 4}, ["pair", "burst", "spot"]),
    ({Fact.PAIR: 8, Fact.BURST: 4, Fact.SECONDS_TO_RECTIFY: 180, Fact.OWN_HANDLING: 1},
     ["pair", "burst", "seconds_to_rectify", "own_handling"]),
    ({Fact.PAIR: 8, Fact.BURST: 4, Fact.SECONDS_TO_RECTIFY: 421, Fact.OWN_HANDLING: 1}, []),
    ({Fact.REUSED_PHOTO: 1}, ["reused_photo"]),
    ({}, []),
])
def test_weights_are_added_up(app, facts, codes):
    assert [each.code for each in points.suspicions(facts, {})] == codes


def test_evidence_stands_in_for_a_number(app):
    seen = HeldBecause("same_file", points.suspicions({Fact.REUSED_PHOTO: 1}, {})[0].words)
    assert points.suspicions({Fact.REUSED_PHOTO: 1}, {Fact.REUSED_PHOTO: [seen]}) == [seen]


@pytest.mark.parametrize("table", BROKEN.values(), ids=BROKEN)
def test_a_broken_table_stops_the_start(tmp_path, table):
    path = tmp_path / "guard.toml"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(GuardBroken):
        read_guard(path)
