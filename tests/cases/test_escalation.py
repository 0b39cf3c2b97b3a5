"""Nobody accepts: pushed again, then the deputy, the community, the street; and deadlines are told of once each."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from incident_service import cases
from incident_service.accounts import Role
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.notifications.models import Notification
from tests.factories import a_picture, an_account

MINUTE = timedelta(minutes=1)


@pytest.fixture
def dispatched(town, phone_of, run_jobs) -> str:
    """The number of a blocked fire lane that both responders have received."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return number


@pytest.fixture
def later(run_jobs):
    """So many minutes after the push: what the scheduler and the workers have then done."""
    def pass_by(minutes: float) -> None:
        pushed_at = db.session.scalars(select(Case.pushed_at)).one()
        with clock.stopped(pushed_at + minutes * MINUTE):
            cases.wake_due()
            run_jobs()

    return pass_by


def told(kind: str) -> Counter[str]:
    return Counter(str(each) for each in db.session.scalars(
        select(Notification.account_id).where(Notification.kind == kind)))


def called() -> list[tuple[str, str]]:
    """(part, whom) of every rung in the history."""
    return [(each.details["part"], each.details["to"]) for each in db.session.scalars(
        select(CaseEvent).order_by(CaseEvent.sequence)) if each.details.get("because") == "not_accepted"]


def test_the_ladder_is_climbed_rung_by_rung_and_every_step_is_in_the_history(dispatched, town, phone_of, later):
    deputy = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    community = an_account(Role.GRID_MANAGER, town.grid[:12], name="社区甲")
    later(4.9)
    assert called() == []
    later(5)
    assert called() == [("lead", "again")]
    assert told("pushed_again") == {str(town.officer.id): 1}
    later(10)
    later(20)
    assert [rung for part, rung in called() if part == "lead"] == ["again", "deputy", "community"]
    later(30)
    assert [rung for part, rung in called() if part == "lead"] == ["again", "deputy", "community", "street"]
    case = phone_of(town.desk).get(f"/cases/{dispatched}", **{"Accept-Language": "en"}).json
    leads = [(each["responder"]["name"], each["round"]) for each in case["dispatches"] if each["part"] == "lead"]
    assert leads == [("交警甲", 1), ("交警乙", 2), ("社区甲", 3), ("值班员甲", 4)]
    assert any("not accepted in time, so the deputy was called" in each for each in case["explanation"])
    assert told("dispatch") == dict.fromkeys(
        (str(each.id) for each in (town.officer, town.manager, deputy, community, town.desk)), 1)


def test_a_rung_at_which_nobody_is_is_passed_over_and_said(dispatched, town, later):
    later(5)
    later(10)
    step = db.session.scalars(select(CaseEvent).order_by(CaseEvent.sequence.desc())).first()
    assert (step.details["to"], step.details["nobody_at"]) == ("street", ["deputy", "community"])
    assert told("dispatch")[str(town.desk.id)] == 1


def test_at_the_end_of_the_ladder_the_desk_is_told(dispatched, town, later):
    later(15)
    later(60)
    assert ("assist", None) in [(part, to) for part, to in called() if to is None]
    assert told("nobody_accepts") == {str(town.desk.id): 1}


def test_who_accepts_ends_the_ladder(dispatched, town, phone_of, later):
    phone_of(town.officer).post(f"/cases/{dispatched}/acceptance")
    for minutes in (5, 10, 14):
        later(minutes)
    assert called() == []
    later(15)
    assert called() == [("assist", "again")]


def test_who_accepts_first_takes_the_part_over_and_who_was_silent_may_still_be_the_one(
        dispatched, town, phone_of, later):
    deputy = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    later(5)
    later(10)
    assert phone_of(town.officer).post(f"/cases/{dispatched}/acceptance").status_code == 200
    by_name = {each.responder_id: each for each in db.session.scalars(select(Dispatch).where(Dispatch.part == "lead"))}
    assert by_name[deputy.id].ended_because == "taken_over"
    assert by_name[town.officer.id].ended_at is None
    assert phone_of(deputy).post(f"/cases/{dispatched}/acceptance").status_code == 409
    assert phone_of(deputy).get("/cases?responder=me").json["items"] == []
    later(20)
    assert [part for part, _ in called()].count("lead") == 2


def test_a_working_time_limit_wakes_nobody_at_night(town, phone_of, run_jobs):
    evening = datetime.fromisoformat("2026-11-25T17:50:00+08:00")
    with clock.stopped(evening):
        phone_of(town.resident).report(category="leaking_roof")
        run_jobs()
    given = db.session.scalars(select(Dispatch).where(Dispatch.part == "lead")).one()
    assert given.climbs_at == datetime.fromisoformat("2026-11-26T08:05:00+08:00")


def test_a_deadline_is_told_once_when_near_and_once_when_passed(dispatched, town, phone_of, later):
    for phone in (phone_of(town.officer), phone_of(town.manager)):
        phone.post(f"/cases/{dispatched}/acceptance")
    later(89)
    assert told("soon_due") == {}
    for minutes in (90, 91, 119):
        later(minutes)
    responders = {str(each.id): 1 for each in (town.officer, town.manager)}
    assert told("soon_due") == responders | {str(town.desk.id): 1}
    for minutes in (120, 121, 300):
        later(minutes)
    assert told("overdue") == responders | {str(town.desk.id): 1, str(town.supervisor.id): 1}
    assert db.session.scalars(select(Case.wakes_at)).one() is None


def test_what_is_rectified_is_not_looked_at_any_more(dispatched, town, phone_of, later):
    phone_of(town.officer).send(f"/cases/{dispatched}/rectification", {}, [a_picture()])
    for minutes in (15, 90, 500):
        later(minutes)
    assert called() == []
    assert told("overdue") == {}
    assert db.session.scalars(select(Case.wakes_at)).one() is None


def test_a_look_that_is_repeated_does_nothing_twice(dispatched, town, later):
    case = db.session.scalars(select(Case)).one()
    with clock.stopped(case.pushed_at + 5 * MINUTE):
        for _ in range(3):
            cases.look_at(case.id)
    assert called() == [("lead", "again")]
    db.session.expire_all()
    assert db.session.scalars(select(Case.wakes_at)).one() == case.pushed_at + 10 * MINUTE


def test_after_a_long_silence_of_the_scheduler_the_rungs_still_come_one_by_one(dispatched, town, later):
    later(600)
    assert [part for part, _ in called()] == ["lead", "assist"]
    assert told("overdue")[str(town.officer.id)] == 1


def test_the_scan_finds_what_is_due_and_nothing_else_and_finds_it_once(dispatched, town, phone_of, run_jobs):
    phone_of(town.resident).report()
    run_jobs()
    first, second = db.session.scalars(select(Case).order_by(Case.wakes_at)).all()
    with clock.stopped(first.wakes_at):
        assert cases.wake_due(batch=1) == 1
        assert cases.wake_due() == 0
    with clock.stopped(second.wakes_at):
        assert cases.wake_due(batch=1) == 1


def test_an_escalated_case_is_without_fault(app, dispatched, town, later):
    an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    for minutes in (5, 10, 20, 30, 45, 60, 130):
        later(minutes)
    db.session.commit()
    result = app.test_cli_runner().invoke(cases_commands, ["audit", "--language", "en"])
    assert result.output == "1 cases looked through, 0 faults\n"
