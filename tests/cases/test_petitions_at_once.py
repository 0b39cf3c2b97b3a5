"""Two people press at the same second around requests and returns: one wins, the other is told what happened."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from incident_service.accounts import Role
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.petition_models import Petition, Wish
from incident_service.cases.workflow import Move
from incident_service.foundation import clock
from incident_service.foundation.database import db
from tests.cases.buttons import all_at_once
from tests.factories import an_account

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def accepted(town, phone_of, run_jobs) -> str:
    """The number of a blocked fire lane that its officer has accepted."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    phone_of(town.officer).post(f"/cases/{number}/acceptance")
    return number


def asked(phone, number, wish="extension") -> str:
    """Where it is decided about a request that was just made."""
    body = {"reason": "weather"} | (until() if wish == "suspension" else {})
    case = phone.post(f"/cases/{number}/{wish}", body).json
    return f"/cases/{number}/petitions/{case['petitions'][-1]['id']}"


def until() -> dict[str, str]:
    return {"until": (clock.now() + 3 * DAY).isoformat()}


def lines(move: Move) -> int:
    return db.session.scalar(select(func.count()).where(CaseEvent.move == move).select_from(CaseEvent)) or 0


def parted(answers):
    """Who won, and what the others were told."""
    won = [each.path for each in answers if each.status == 200]
    lost = [each.json for each in answers if each.status != 200]
    assert {each.status for each in answers} <= {200, 409}, answers
    assert all(each["happened"]["at"] for each in lost), lost
    return won, lost


def test_of_two_who_ask_at_once_one_has_asked(app, accepted, town, phone_of):
    officer, manager, case = phone_of(town.officer), phone_of(town.manager), f"/cases/{accepted}"
    won, lost = parted(all_at_once(app, [(officer, f"{case}/extension", {"reason": "weather"}),
                                         (manager, f"{case}/suspension", {"reason": "budget"} | until())] * 3))
    assert len(won) == 1
    assert {(each["type"], each["happened"]["move"], each["happened"]["by"]) for each in lost} == {
        ("/problems/case-petition-open", "extend" if won == ["extension"] else "suspend", "responder")}
    assert db.session.scalars(select(Petition.wish)).all() == won


def test_of_two_who_decide_at_once_one_has_decided(app, accepted, town, phone_of):
    door, due_at = asked(phone_of(town.officer), accepted), db.session.scalars(select(Case.due_at)).one()
    won, lost = parted(all_at_once(app, [(phone_of(town.desk), f"{door}/approval", {}),
                                         (phone_of(town.supervisor), f"{door}/refusal", {"note": "应当日完成"})] * 3))
    assert (len(set(won)), len(won), len(lost)) == (1, 3, 3)
    granted, by = (True, "desk") if "approval" in won else (False, "supervisor")
    assert {(each["type"], each["is_granted"], each["happened"]["by"]) for each in lost} == {
        ("/problems/case-petition-decided", granted, by)}
    db.session.expire_all()
    assert db.session.scalars(select(Case.due_at)).one() - due_at == granted * 2 * HOUR
    assert lines(Move.EXTEND) == 2                          # asked, and decided once


def test_a_pause_and_a_result_at_once(app, accepted, town, phone_of):
    door = asked(phone_of(town.manager), accepted, Wish.SUSPENSION)
    won, lost = parted(all_at_once(app, [(phone_of(town.desk), f"{door}/approval", {}),
                                         (phone_of(town.officer), f"/cases/{accepted}/rectification", {})]))
    status, told = {"approval": ("suspended", ("suspend", "desk")),
                    "rectification": ("rectified", ("rectify", "responder"))}[won[0]]
    assert (len(won), lost[0]["happened"]["move"], lost[0]["happened"]["by"]) == (1, *told)
    assert phone_of(town.desk).get(f"/cases/{accepted}").json["status"] == status


def test_of_two_who_take_a_case_up_again_at_once_one_has(app, accepted, town, phone_of):
    phone_of(town.desk).post(f"{asked(phone_of(town.officer), accepted, Wish.SUSPENSION)}/approval")
    due_at, came = db.session.scalars(select(Case.due_at)).one(), datetime.now(clock.now().tzinfo)
    won, lost = parted(all_at_once(app, [(phone_of(person), f"/cases/{accepted}/resumption", {})
                                         for person in (town.desk, town.supervisor) * 2]))
    assert len(won) == 1 and {each["happened"]["move"] for each in lost} == {"resume"}
    db.session.expire_all()
    assert came < db.session.scalars(select(Case.due_at)).one() < due_at
    assert lines(Move.RESUME) == 1


def test_who_returns_twice_at_once_has_returned_once(app, accepted, town, phone_of):
    won, lost = parted(all_at_once(app, [
        (phone_of(town.officer), f"/cases/{accepted}/return", {"reason": "not_my_area"})] * 4))
    assert (len(won), lines(Move.RETURN)) == (1, 1)
    assert {(each["type"], each["happened"]["move"]) for each in lost} == {("/problems/case-no-longer-yours", "return")}


def test_a_return_and_a_result_of_the_same_responder_at_once(app, accepted, town, phone_of):
    officer = phone_of(town.officer)
    won, lost = parted(all_at_once(app, [(officer, f"/cases/{accepted}/return", {"reason": "not_my_duty"}),
                                         (officer, f"/cases/{accepted}/rectification", {})]))
    assert len(won) == 1
    assert lost[0]["happened"]["move"] == {"return": "return", "rectification": "rectify"}[won[0]]


def test_a_return_and_a_transfer_at_once_leave_the_case_with_whom_the_desk_named(app, accepted, town, phone_of):
    other = an_account(Role.OFFICER, town.beat, kind="traffic", name="交警乙")
    _, lost = parted(all_at_once(app, [
        (phone_of(town.officer), f"/cases/{accepted}/return", {"reason": "not_my_area"}),
        (phone_of(town.desk), f"/cases/{accepted}/transfer", {"responder_id": str(other.id), "reason": "overload"})]))
    assert [(each["type"], each["happened"]["move"], each["happened"]["by"]) for each in lost] in (
        [], [("/problems/case-no-longer-yours", "transfer", "desk")])
    case = phone_of(town.desk).get(f"/cases/{accepted}").json
    lead = [each["responder"]["name"] for each in case["dispatches"] if each["part"] == "lead" and not each["ended_at"]]
    assert (case["status"], lead) == ("dispatched", ["交警乙"])


def test_both_parts_returned_at_once(app, accepted, town, phone_of):
    """Once the lead gave it back the case is with the desk; an assist who is later is told so."""
    won, lost = parted(all_at_once(app, [(phone_of(person), f"/cases/{accepted}/return", {"reason": "not_my_duty"})
                                         for person in (town.officer, town.manager)]))
    assert [(each["case_status"], each["happened"]["move"]) for each in lost] == [("returned", "return")] * len(lost)
    case = phone_of(town.desk).get(f"/cases/{accepted}").json
    assert (case["status"], lines(Move.RETURN)) == ("returned", len(won))
    assert sum(each["ended_because"] == "returned" for each in case["dispatches"]) == len(won)
