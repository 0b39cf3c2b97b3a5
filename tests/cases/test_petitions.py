"""More time and pauses: asked by one person, decided by another, explained by the case."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from incident_service import cases
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Case
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.factories import a_picture

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def accepted(town, phone_of, run_jobs) -> str:
    """The number of a blocked fire lane (two hours) that its officer has accepted."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    phone_of(town.officer).post(f"/cases/{number}/acceptance")
    return number


def ask(phone, number, wish="extension", **also):
    return phone.post(f"/cases/{number}/{wish}", {"reason": "weather", **also})


def decide(phone, answer, verdict="approval", **also):
    case = answer.json
    return phone.post(f"/cases/{case['number']}/petitions/{case['petitions'][-1]['id']}/{verdict}", also)


def moment(word: str) -> datetime:
    return datetime.fromisoformat(word)


def due(case) -> datetime:
    return moment(case["due_at"])


def test_an_extension_adds_one_original_limit_once_somebody_else_grants_it(accepted, town, phone_of):
    officer, desk = phone_of(town.officer), phone_of(town.desk)
    before = desk.get(f"/cases/{accepted}").json
    asked = ask(officer, accepted)
    assert (asked.status_code, asked.json["due_at"]) == (200, before["due_at"])
    assert desk.get("/me/notifications").json["items"][0]["kind"] == "to_approve"
    granted = decide(desk, asked).json
    assert due(granted) - due(before) == 2 * HOUR
    last = granted["deadline"]["steps"][-1]
    assert (last["because"], moment(last["starts_at"])) == ("extend", due(before))
    assert granted["deadline"]["text"][-1].startswith("延期：自")
    assert officer.get("/me/notifications").json["items"][0]["kind"] == "approval"


def test_twice_at_most(accepted, town, phone_of):
    officer, desk = phone_of(town.officer), phone_of(town.desk)
    for _ in range(2):
        assert decide(desk, ask(officer, accepted)).status_code == 200
    third = ask(officer, accepted)
    assert (third.status_code, third.json["type"]) == (409, "/problems/case-not-to-extend")
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE petition SET ordinal = 3 WHERE ordinal = 2"))
    db.session.rollback()


def test_never_once_overdue_neither_asked_nor_granted(accepted, town, phone_of):
    asked = ask(phone_of(town.officer), accepted)
    with clock.stopped(due(asked.json) + timedelta(seconds=1)):
        assert decide(phone_of(town.desk), asked).status_code == 409
        refused = decide(phone_of(town.desk), asked, "refusal", note="已超期")
        assert refused.status_code == 200
        assert ask(phone_of(town.officer), accepted).status_code == 409


def test_nobody_decides_their_own_request_and_a_refusal_says_why(accepted, town, phone_of):
    own = ask(phone_of(town.desk), accepted)
    assert decide(phone_of(town.desk), own).status_code == 403
    assert decide(phone_of(town.officer), own).status_code == 403
    supervisor = phone_of(town.supervisor)
    assert decide(supervisor, own, "refusal").status_code == 422
    refused = decide(supervisor, own, "refusal", note="应当日完成")
    assert refused.json["petitions"][0]["is_granted"] is False
    assert decide(supervisor, own).status_code == 409
    assert ask(phone_of(town.officer), accepted).status_code == 200


def test_one_request_at_a_time_and_granting_twice_grants_once(accepted, town, phone_of):
    officer, desk = phone_of(town.officer), phone_of(town.desk)
    asked = ask(officer, accepted)
    assert ask(officer, accepted).json["type"] == "/problems/case-petition-open"
    first, second = decide(desk, asked).json, decide(desk, asked).json
    assert first["due_at"] == second["due_at"]
    assert first["version"] == second["version"]
    assert ask(officer, accepted, reason="other").status_code == 422


def test_a_pause_moves_the_deadline_and_ends_by_itself_on_its_day(accepted, town, phone_of, run_jobs):
    before = phone_of(town.desk).get(f"/cases/{accepted}").json
    at, until = moment(before["pushed_at"]) + HOUR, moment(before["pushed_at"]) + 5 * DAY
    with clock.stopped(at):
        asked = ask(phone_of(town.officer), accepted, "suspension", until=until.isoformat())
        paused = decide(phone_of(town.supervisor), asked).json
    assert (paused["status"], due(paused)) == ("suspended", until + HOUR)
    assert paused["deadline"]["pauses"] == [
        {"begins_at": at.isoformat(), "until": paused["suspended_until"], "ended_at": None}]
    with clock.stopped(until - timedelta(seconds=1)):
        cases.wake_due()
        run_jobs()
        assert phone_of(town.desk).get(f"/cases/{accepted}").json["status"] == "suspended"
    with clock.stopped(until + timedelta(seconds=3)):
        cases.wake_due()
        run_jobs()
        resumed = phone_of(town.desk).get(f"/cases/{accepted}").json
    assert (resumed["status"], due(resumed)) == ("accepted", until + HOUR)
    assert resumed["deadline"]["pauses"][0]["ended_at"]
    assert until < db.session.scalars(select(Case.wakes_at)).one() < until + HOUR


def test_a_pause_ended_early_gives_back_what_was_left(accepted, town, phone_of):
    before = phone_of(town.desk).get(f"/cases/{accepted}").json
    start = moment(before["pushed_at"])
    with clock.stopped(start + HOUR / 2):
        asked = ask(phone_of(town.officer), accepted, "suspension", until=(start + 9 * DAY).isoformat())
        decide(phone_of(town.desk), asked)
    with clock.stopped(start + 2 * DAY):
        assert phone_of(town.officer).post(f"/cases/{accepted}/resumption").status_code == 403
        resumed = phone_of(town.desk).post(f"/cases/{accepted}/resumption", {"note": "天气转好"}).json
    assert (resumed["status"], due(resumed)) == ("accepted", start + 2 * DAY + HOUR * 1.5)
    assert phone_of(town.desk).post(f"/cases/{accepted}/resumption").status_code == 409


def test_a_working_time_limit_goes_on_in_a_slot_after_a_pause(town, phone_of, run_jobs):
    china = "2026-11-25T16:00:00+08:00"
    with clock.stopped(moment(china)):
        number = phone_of(town.resident).report(category="leaking_roof").json["case_number"]
        run_jobs()
        asked = ask(phone_of(town.manager), number, "suspension", until="2026-11-28T21:00:00+08:00")
        before = asked.json
        paused = decide(phone_of(town.desk), asked).json
    minutes = [each["working_minutes"] for each in (before["deadline"]["steps"][0], paused["deadline"]["steps"][-1])]
    assert minutes[0] == minutes[1]
    assert moment(paused["deadline"]["steps"][-1]["due_at"]).astimezone(moment(china).tzinfo).hour in (8, 9, 10, 11, 12,
                                                                                                    14, 15, 16, 17, 18)


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(days=367)])
def test_a_pause_lies_within_the_next_year(accepted, town, phone_of, away):
    answer = ask(phone_of(town.officer), accepted, "suspension", until=(clock.now() + away).isoformat())
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/until")


def test_a_suspended_case_is_neither_overdue_nor_escalated(accepted, town, phone_of, run_jobs):
    asked = ask(phone_of(town.officer), accepted, "suspension", until=(clock.now() + 9 * DAY).isoformat())
    decide(phone_of(town.desk), asked)
    with clock.stopped(clock.now() + 8 * DAY):
        cases.wake_due()
        run_jobs()
        case = phone_of(town.desk).get(f"/cases/{accepted}").json
        assert (case["status"], case["is_overdue"]) == ("suspended", False)
        assert phone_of(town.officer).send(f"/cases/{accepted}/rectification", {}, [a_picture()]).status_code == 409


def test_a_case_that_was_extended_and_paused_is_without_fault(app, accepted, town, phone_of):
    officer, desk = phone_of(town.officer), phone_of(town.desk)
    decide(desk, ask(officer, accepted))
    decide(desk, ask(officer, accepted, "suspension", until=(clock.now() + DAY).isoformat()))
    desk.post(f"/cases/{accepted}/resumption")
    db.session.commit()
    result = app.test_cli_runner().invoke(cases_commands, ["audit", "--language", "en"])
    assert "1 cases looked through, 0 faults" in result.output


def test_a_refusal_says_where_the_case_stands_and_what_happened(accepted, town, phone_of):
    """As of every other move: whoever pressed second is told who was quicker, and with what."""
    officer, desk = phone_of(town.officer), phone_of(town.desk)
    asked = ask(officer, accepted)
    refusals = [ask(officer, accepted), desk.post(f"/cases/{accepted}/resumption")]
    decide(desk, asked)
    refusals.append(decide(desk, asked, "refusal", note="不需要"))
    assert refusals[-1].json["is_granted"] is True
    decide(desk, ask(officer, accepted))
    refusals.append(ask(officer, accepted))
    officer.send(f"/cases/{accepted}/rectification", {}, [a_picture()])
    until = (clock.now() + DAY).isoformat()
    refusals += [ask(officer, accepted), ask(officer, accepted, "suspension", until=until)]
    for refused in refusals:
        assert refused.status_code == 409, refused.json
        assert refused.json["allowed"]
    assert [(each.json["happened"]["move"], each.json["happened"]["by"]) for each in refusals] == [
        ("extend", "responder"), ("accept", "responder"), ("extend", "desk"), ("accept", "responder"),
        *[("rectify", "responder")] * 2]
