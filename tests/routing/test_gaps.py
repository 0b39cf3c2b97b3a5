"""Gaps of the next seven days: exact to the minute, told once, fast for thousands of grids."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from incident_service import accounts, areas, cases, routing
from incident_service.accounts import Role
from incident_service.areas import Layer
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.notifications.models import Notification
from incident_service.routing import Step, rule_sets
from incident_service.routing.intervals import joined, shared, without
from incident_service.routing.models import GapTold
from tests.factories import CITY, an_account
from tests.routing.rosters import MONDAY_NOON, a_leave, a_shift

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def of_the_grid(town, at=MONDAY_NOON):
    return [(gap.begins_at - at, gap.ends_at - at, gap.reason) for gap in routing.roster_gaps(at=at)
            if gap.area_code == town.grid]


def test_a_post_that_somebody_holds_has_no_gap_and_one_that_nobody_holds_is_one_for_the_whole_week(town):
    found = routing.roster_gaps(at=MONDAY_NOON)
    grids = {area.code for area in areas.all_on(Layer.GRID)}
    beats = {area.code for area in areas.all_on(Layer.BEAT)}
    assert {gap.area_code for gap in found} == (grids | beats) - {town.grid, town.beat}
    assert {(gap.begins_at, gap.ends_at, gap.reason) for gap in found} == {
        (MONDAY_NOON, MONDAY_NOON + WEEK, "no_holder")}
    assert {(gap.role, gap.kind) for gap in found if gap.area_code in beats} == {(Role.OFFICER, "traffic")}


def test_the_night_that_no_shift_covers_is_named_to_the_minute(town):
    a_shift(town.manager, town.grid, Role.GRID_MANAGER, begins="08:00", ends="18:00", weekdays=31)
    weekdays = [(6 + 24 * n, 20 + 24 * n) for n in range(4)]
    assert of_the_grid(town) == [(begins * HOUR, ends * HOUR, "not_rostered")
                                 for begins, ends in [*weekdays, (102, 164)]]


def test_a_deputys_shift_across_midnight_fills_it(town):
    a_shift(town.manager, town.grid, Role.GRID_MANAGER, begins="08:00", ends="18:00")
    deputy = an_account(Role.GRID_MANAGER, town.grid)
    a_shift(deputy, town.grid, Role.GRID_MANAGER, begins="18:00", ends="08:00", step=Step.DEPUTY)
    assert of_the_grid(town) == []
    accounts.deactivate(deputy.id, by=town.desk)
    assert of_the_grid(town)[0] == (6 * HOUR, 20 * HOUR, "not_rostered")


def test_leave_makes_a_gap_unless_somebody_else_is_there(town):
    a_leave(town.manager, "2026-11-24T00:00+08:00", "2026-11-25T12:30+08:00")
    assert of_the_grid(town) == [(12 * HOUR, 48.5 * HOUR, "leave")]
    an_account(Role.GRID_MANAGER, town.grid)
    assert of_the_grid(town) == []


def test_a_roster_that_runs_out_and_one_that_begins_are_seen_ahead(town):
    a_shift(town.manager, town.grid, Role.GRID_MANAGER, from_on="2026-11-25", to_on="2026-11-26")
    assert of_the_grid(town) == [(84 * HOUR, WEEK, "not_rostered")]


def test_a_rule_that_asks_for_an_hour_needs_somebody_in_that_hour_alone(town):
    nightly = {"code": "night", "name": {"zh": "夜", "en": "night"}, "categories": [], "conditions": [], "land": [],
               "within": town.street, "weekdays": [], "from": "22:00", "to": "23:00", "assist": None, "is_on": True,
               "lead": {"role": "officer", "kind": "urban", "layer": "street"}, "source": "test"}
    rule_sets.put([nightly, *routing.in_force().written], note="", by_id=None)
    found = [(gap.begins_at - MONDAY_NOON, gap.area_code) for gap in routing.roster_gaps(at=MONDAY_NOON)
             if gap.kind == "urban"]
    assert found == [((10 + 24 * day) * HOUR, town.street) for day in range(7)]


def test_gaps_agree_with_who_is_on_duty_at_every_half_hour(town):
    chance = Random(20261128)
    people = [town.manager, *(an_account(Role.GRID_MANAGER, town.grid) for _ in range(2))]
    for person in people:
        for _ in range(2):
            a_shift(person, town.grid, Role.GRID_MANAGER, weekdays=chance.randint(1, 127), from_on="2026-11-20",
                    begins=f"{chance.randint(0, 23):02}:30", ends=f"{chance.randint(0, 23):02}:00",
                    to_on=chance.choice([None, "2026-11-27"]))
        day = chance.randint(23, 28)
        a_leave(person, f"2026-11-{day}T03:00+08:00", f"2026-11-{day + 1}T15:30+08:00")
    found = [(gap.begins_at, gap.ends_at) for gap in routing.roster_gaps(at=MONDAY_NOON) if gap.area_code == town.grid]
    assert found
    for half_hours in range(0, 7 * 48):
        at = MONDAY_NOON + half_hours * HOUR / 2
        first = next(iter(routing.fallbacks(role=Role.GRID_MANAGER, kind=None, area_code=town.grid, case_area=None,
                                            at=at)), None)
        assert (first is None) == any(begins <= at < ends for begins, ends in found), at


def told() -> dict[str, int]:
    return dict(db.session.execute(select(Notification.account_id, func.count()).where(
        Notification.kind == "roster_gap").group_by(Notification.account_id)).all())


def test_a_gap_is_told_once_to_desk_and_administrator_and_again_only_when_it_is_a_new_one(town):
    admin = an_account(Role.ADMIN, CITY)
    with clock.stopped(MONDAY_NOON):
        assert cases.tell_gaps() > 0
        assert cases.tell_gaps() == 0
    assert told() == {town.desk.id: 1, admin.id: 1}
    for minutes in (1, 5, 60, 60 * 24):
        with clock.stopped(MONDAY_NOON + minutes * timedelta(minutes=1)):
            assert cases.tell_gaps() == 0
    with clock.stopped(MONDAY_NOON + 25 * HOUR):
        leave = a_leave(town.manager, "2026-11-26T00:00+08:00", "2026-11-27T00:00+08:00")
        assert cases.tell_gaps() == 1
        assert cases.tell_gaps() == 0
    assert told() == {town.desk.id: 2, admin.id: 2}
    title = db.session.scalars(select(Notification.title_zh).order_by(Notification.at.desc())).first()
    assert "网格管理员 11-26 00:00 至 11-27 00:00 无人在岗" in title
    db.session.delete(db.session.merge(leave))
    db.session.commit()
    with clock.stopped(MONDAY_NOON + 26 * HOUR):
        assert cases.tell_gaps() == 0
        a_leave(town.manager, "2026-11-26T00:00+08:00", "2026-11-27T00:00+08:00")
        assert cases.tell_gaps() == 1
    assert told() == {town.desk.id: 3, admin.id: 3}


def test_a_gap_that_has_begun_is_not_told_again_while_it_lasts(town):
    a_shift(town.manager, town.grid, Role.GRID_MANAGER, begins="08:00", ends="18:00", to_on="2026-11-23")
    with clock.stopped(MONDAY_NOON):
        cases.tell_gaps()
    for hours in (5, 7, 30, 200):
        with clock.stopped(MONDAY_NOON + hours * HOUR):
            assert cases.tell_gaps() == 0
    accounts.deactivate(town.manager.id, by=town.desk)
    assert db.session.scalar(select(func.count(GapTold.id)).where(GapTold.area_code == town.grid)) == 1


def test_the_list_over_http_is_of_ones_own_areas_and_the_earliest_first(town, phone_of):
    a_shift(town.manager, town.grid, Role.GRID_MANAGER, begins="08:00", ends="18:00")
    answer = phone_of(town.desk).get("/routing/gaps").json
    assert {each["area"][:9] for each in answer["items"]} == {town.street}
    assert answer["count"] == len(answer["items"])
    assert answer["items"] == sorted(answer["items"], key=lambda each: (each["from"], each["area"]))
    assert phone_of(town.supervisor).get("/routing/gaps?limit=1").json["count"] > answer["count"]


def test_leave_over_http_makes_a_gap_and_ending_it_closes_it(town, phone_of):
    now = clock.now()
    desk = phone_of(town.desk)
    body = {"person_id": str(town.manager.id), "from": now.isoformat(), "to": (now + 48 * HOUR).isoformat()}
    granted = desk.post("/routing/leaves", body, **{"Idempotency-Key": "a"})
    assert granted.status_code == 201
    assert desk.post("/routing/leaves", body, **{"Idempotency-Key": "a"}).json == granted.json
    assert town.grid in [each["area"] for each in desk.get("/routing/gaps").json["items"]]
    assert [each["id"] for each in desk.get("/routing/leaves").json["items"]] == [granted.json["id"]]
    assert desk.post(f"/routing/leaves/{granted.json['id']}", method="DELETE").status_code == 204
    assert desk.get("/routing/leaves").json["items"] == []
    kept, = desk.get("/routing/leaves?past=true").json["items"]
    assert (kept["ended_by_id"], kept["was_to_end_at"]) == (str(town.desk.id), granted.json["to"])
    assert town.grid not in [each["area"] for each in desk.get("/routing/gaps").json["items"]]


@pytest.mark.parametrize("hours", [0, -1, 24 * 367])
def test_a_leave_ends_after_it_begins_and_within_a_year(town, phone_of, hours):
    now = clock.now()
    body = {"person_id": str(town.manager.id), "from": now.isoformat(), "to": (now + hours * HOUR).isoformat()}
    answer = phone_of(town.desk).post("/routing/leaves", body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/to")


def test_stretches_of_time_are_joined_and_taken_away():
    def stretches(*hours):
        return [(MONDAY_NOON + begins * HOUR, MONDAY_NOON + ends * HOUR) for begins, ends in hours]

    assert joined(stretches((3, 5), (1, 2), (2, 4), (7, 7))) == stretches((1, 5))
    assert without(stretches((0, 10)), stretches((8, 12), (-2, 1), (3, 4), (4, 5))) == stretches((1, 3), (5, 8))
    assert without(stretches((0, 2)), stretches((0, 2))) == []
    assert shared(stretches((0, 5), (6, 9)), stretches((4, 7))) == stretches((4, 5), (6, 7))
