"""Rules tried on past cases: which would have gone elsewhere, and to whom."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from incident_service import routing
from incident_service.accounts import Role
from incident_service.cases.models import Case, Dispatch
from incident_service.foundation.database import db
from incident_service.notifications.models import Notification
from tests.factories import A_RULE, CITY, an_account
from tests.routing.rosters import MONDAY_NOON, a_leave

PERIOD = {"opened_from": "2026-11-22T16:00:00Z", "opened_to": "2026-11-23T16:00:00Z"}
TO_THE_GRID = A_RULE | {"code": "to_the_grid", "categories": ["fire_lane"]}


@pytest.fixture
def admin(app, phone_of):
    return phone_of(an_account(Role.ADMIN, CITY))


@pytest.fixture
def numbers(town, phone_of, run_jobs) -> list[str]:
    """Five past cases, an hour apart: three fire lanes, a rubbish heap, and a fire lane of the day after."""
    wanted = ["fire_lane", "rubbish", "fire_lane", "fire_lane", "fire_lane"]
    found = [phone_of(town.resident).report(category=each).json["case_number"] for each in wanted]
    run_jobs()
    for hours, number in zip((0, 1, 2, 3, 24), found, strict=True):
        db.session.execute(update(Case).where(Case.number == number)
                           .values(opened_at=MONDAY_NOON + timedelta(hours=hours)))
    db.session.commit()
    return found


def rules_with(*first):
    return [*first, *routing.in_force().written]


def test_every_case_of_the_period_that_would_go_elsewhere_is_listed_and_no_other(admin, numbers, town):
    answer = admin.post("/routing/rehearsals", PERIOD | {"rules": rules_with(TO_THE_GRID)}).json
    assert [each["number"] for each in answer["items"]] == [numbers[0], numbers[2], numbers[3]]
    assert (answer["looked_at"], answer["next_cursor"], answer["rules_version"]) == (4, None, 1)
    first = answer["items"][0]
    assert [(each["part"], each["role"], each["area"], each["rule"]) for each in first["goes"]] == [
        ("lead", "officer", town.beat, "fire_lane"), ("assist", "grid_manager", town.grid, "fire_lane")]
    assert first["would_go"] == [{"part": "lead", "role": "grid_manager", "kind": None, "area": town.grid,
                                  "rule": "to_the_grid"}]
    assert [(each["name"], each["step"]) for each in first["responders"]] == [("网格员甲", "holder")]


def test_the_period_is_walked_stretch_by_stretch(admin, numbers):
    wanted, found, looked_at = PERIOD | {"rules": rules_with(TO_THE_GRID), "limit": 2}, [], []
    while True:
        answer = admin.post("/routing/rehearsals", wanted).json
        found += [each["number"] for each in answer["items"]]
        looked_at.append(answer["looked_at"])
        if not answer["next_cursor"]:
            break
        wanted["cursor"] = answer["next_cursor"]
    assert (found, looked_at) == ([numbers[0], numbers[2], numbers[3]], [2, 2])


def test_rosters_count_as_of_the_moment_a_case_was_opened(admin, numbers, town):
    a_leave(town.manager, "2026-11-23T13:30+08:00", "2026-11-23T14:30+08:00")
    answer = admin.post("/routing/rehearsals", PERIOD | {"rules": rules_with(TO_THE_GRID)}).json
    assert [len(each["responders"]) for each in answer["items"]] == [1, 0, 1]
    assert (answer["rosters_as_of"], answer["people_as_of"]) == ("opened_at", "now")


def test_the_same_rules_move_nothing_and_an_earlier_version_can_be_tried(admin, numbers):
    assert admin.post("/routing/rehearsals", PERIOD | {"version": 1}).json["items"] == []
    admin.post("/routing/rules", {"rules": rules_with(TO_THE_GRID)}, method="PUT")
    answer = admin.post("/routing/rehearsals", PERIOD | {"version": 1}).json
    assert (len(answer["items"]), answer["rules_version"]) == (3, 2)


def test_a_rehearsal_changes_nothing_and_tells_nobody(admin, numbers):
    def state():
        return [db.session.scalar(select(func.count()).select_from(model)) for model in (Dispatch, Notification)]

    before = state()
    admin.post("/routing/rehearsals", PERIOD | {"rules": rules_with(TO_THE_GRID)})
    assert (state(), routing.in_force().version) == (before, 1)


@pytest.mark.parametrize(("wrong", "pointer"), [
    ({"opened_to": "2026-11-22T16:00:00Z"}, "#/opened_to"), ({"opened_to": "2028-01-01T00:00:00Z"}, "#/opened_to"),
    ({"version": 1}, "#/rules"), ({"rules": []}, "#/rules"), ({"rules": [TO_THE_GRID]}, "#/rules/0"),
    ({"limit": 501}, "#/limit"), ({"cursor": "x"}, "#/cursor")])
def test_what_is_wrong_is_named_where_it_stands(admin, town, wrong, pointer):
    body = PERIOD | {"rules": rules_with(TO_THE_GRID)} | wrong
    answer = admin.post("/routing/rehearsals", body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_only_who_keeps_the_rules_may_rehearse(phone_of, town):
    partly = phone_of(an_account(Role.ADMIN, town.street))
    assert partly.post("/routing/rehearsals", PERIOD | {"version": 1}).status_code == 403
    assert phone_of(town.supervisor).post("/routing/rehearsals", PERIOD | {"version": 1}).status_code == 403
