"""Who is on duty, who comes next, and what is said of it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from incident_service import accounts, routing
from incident_service.accounts import Role
from incident_service.demo.people import LATITUDE, LONGITUDE
from incident_service.routing import Step
from tests.factories import Town, an_account
from tests.routing.rosters import MONDAY_NOON, a_leave, a_shift

HOUR = timedelta(hours=1)


def chosen(at=MONDAY_NOON, category="fire_lane", workload=lambda _: {}):
    return routing.choose(category=category, longitude=LONGITUDE, latitude=LATITUDE, workload=workload, at=at)


def who(decision, part="lead"):
    return next((each.responder_id for each in decision.parts if each.part == part), None)


def next_ones(town: Town, at=MONDAY_NOON):
    return [(each.step, each.account_id) for each in routing.fallbacks(
        role=Role.OFFICER, kind="traffic", area_code=town.beat, case_area=town.grid, at=at)]


def test_without_any_roster_whoever_holds_the_role_is_on_duty_at_any_hour(town):
    for hour in range(24):
        decision = chosen(MONDAY_NOON + hour * HOUR)
        assert (who(decision), who(decision, "assist")) == (town.officer.id, town.manager.id)
        assert decision.parts[0].explanation["step"] == "holder"
        assert "roster_entry" not in decision.parts[0].explanation


def test_day_and_night_shift_take_turns_across_midnight(town):
    other = an_account(Role.OFFICER, town.beat, kind="traffic")
    day = a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic", begins="08:00", ends="18:00", shift="白班")
    a_shift(other, town.beat, Role.OFFICER, kind="traffic", begins="18:00", ends="08:00", shift="夜班")
    assert who(chosen(MONDAY_NOON)) == town.officer.id
    assert [who(chosen(MONDAY_NOON + hours * HOUR)) for hours in (6, 12, 19, 20)] == [
        other.id, other.id, other.id, town.officer.id]
    kept = chosen(MONDAY_NOON).parts[0].explanation
    assert (kept["shift"], kept["roster_entry"]) == ("白班", str(day.id))


def test_a_deputy_takes_it_when_a_is_on_leave_and_the_explanation_says_so(town):
    deputy = an_account(Role.OFFICER, town.beat, kind="traffic")
    a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic")
    a_shift(deputy, town.beat, Role.OFFICER, kind="traffic", step=Step.DEPUTY)
    assert next_ones(town)[:2] == [(Step.HOLDER, town.officer.id), (Step.DEPUTY, deputy.id)]
    a_leave(town.officer, "2026-11-23T00:00+08:00", "2026-11-24T00:00+08:00")
    part = chosen().parts[0]
    assert (part.responder_id, part.explanation["step"]) == (deputy.id, "deputy")
    said = routing.sentence(part.part, part.role, part.kind, part.explanation)
    assert "由 B 角接办" in said.in_language("zh") and "the deputy takes it" in said.in_language("en")
    assert who(chosen(MONDAY_NOON + 12 * HOUR)) == town.officer.id


def test_with_nobody_at_the_post_the_community_takes_it_then_the_street(town):
    a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic", begins="08:00", ends="09:00")
    assert [gap.reason for gap in chosen().gaps] == ["nobody"]
    street = an_account(Role.GRID_MANAGER, town.street, name="街道甲")
    part = chosen().parts[0]
    assert (part.responder_id, part.role, part.area_code, part.explanation["step"]) == (
        street.id, Role.GRID_MANAGER, town.street, "street")
    community = an_account(Role.GRID_MANAGER, town.grid[:12], name="社区甲")
    part = chosen().parts[0]
    assert (part.responder_id, part.explanation["step"]) == (community.id, "community")
    said = routing.sentence(part.part, part.role, part.kind, part.explanation)
    assert "社区" in said.in_language("zh") and "community" in said.in_language("en")
    assert next_ones(town) == [(Step.COMMUNITY, community.id), (Step.STREET, street.id), (Step.STREET, town.desk.id)]


def test_nobody_stands_in_for_both_parts_of_a_case(town):
    a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic", begins="08:00", ends="09:00")
    a_shift(town.manager, town.grid, Role.GRID_MANAGER, begins="08:00", ends="09:00")
    an_account(Role.GRID_MANAGER, town.street)
    decision = chosen()
    assert len(decision.parts) == 1
    assert [gap.part for gap in decision.gaps] == ["assist"]


def test_a_roster_counts_from_its_first_day_and_does_not_run_out_unnoticed(town):
    a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic", begins="08:00", ends="09:00",
            from_on="2026-11-24", to_on="2026-11-25")
    assert who(chosen(MONDAY_NOON)) == town.officer.id
    assert who(chosen(MONDAY_NOON + 24 * HOUR)) is None
    assert who(chosen(MONDAY_NOON + 20.5 * HOUR)) == town.officer.id
    assert who(chosen(MONDAY_NOON + 96 * HOUR)) is None


def test_who_no_longer_holds_the_role_or_is_no_longer_active_is_not_on_duty(town):
    leaver = an_account(Role.OFFICER, town.beat, kind="traffic")
    a_shift(leaver, town.beat, Role.OFFICER, kind="traffic")
    assert who(chosen()) == leaver.id
    accounts.deactivate(leaver.id, by=town.desk)
    assert who(chosen()) is None


def test_of_several_on_duty_the_least_busy_is_taken(town):
    other = an_account(Role.OFFICER, town.beat, kind="traffic")
    decision = chosen(workload=lambda _: {town.officer.id: 3, other.id: 1})
    assert (who(decision), decision.parts[0].explanation["on_duty"]) == (other.id, 2)


def test_workload_is_asked_once_for_all_parts_and_not_where_one_person_stands_alone(town):
    asked = []

    def workload(ids):
        asked.append(set(ids))
        return {}

    chosen(workload=workload)
    assert asked == []
    officers = {town.officer.id, an_account(Role.OFFICER, town.beat, kind="traffic").id}
    managers = {town.manager.id, an_account(Role.GRID_MANAGER, town.grid).id}
    chosen(workload=workload)
    assert asked == [officers | managers]


def test_what_cannot_be_is_refused_by_the_table(town):
    for wrong in ({"weekdays": 0}, {"step": Step.STREET}, {"to_on": "2025-01-01"}):
        with pytest.raises(IntegrityError):
            a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic", **wrong)
    a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic")
    with pytest.raises(IntegrityError):
        a_shift(town.officer, town.beat, Role.OFFICER, kind="traffic")
