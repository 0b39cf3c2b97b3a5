"""Work done without a network arrives late: it is never lost, and never makes a figure look better."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from incident_service.cases.audit import audit
from incident_service.cases.models import Case, CaseEvent, Dispatch
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.notifications.models import Notification
from tests.factories import a_picture


def ago(**time: float) -> str:
    return (clock.now() - timedelta(**time)).isoformat()


@pytest.fixture
def number(town, phone_of, run_jobs) -> str:
    """A case that is dispatched."""
    number = phone_of(town.resident).report().json["case_number"]
    run_jobs()
    return number


@pytest.fixture
def officer(town, phone_of):
    return phone_of(town.officer)


def last() -> CaseEvent:
    return db.session.scalars(select(CaseEvent).order_by(CaseEvent.sequence.desc()).limit(1)).one()


def handed_in(account) -> int:
    """How often somebody was told of work that came too late."""
    return len(db.session.scalars(select(Notification).where(
        Notification.account_id == account.id, Notification.kind == "work_handed_in")).all())


def all_is_well() -> bool:
    db.session.commit()
    return audit(lambda fault: pytest.fail(str(fault)))[1] == 0


def test_late_work_is_taken_with_both_times_and_figures_count_the_one_received(number, officer):
    began = clock.now()
    assert officer.post(f"/cases/{number}/acceptance", {"done_at": ago(minutes=1.5)}).json["status"] == "accepted"
    assert last().details["late_s"] == 90 and "clock_is_odd" not in last().details
    answer = officer.send(f"/cases/{number}/rectification", {"done_at": ago(minutes=1)}, [a_picture()])
    assert answer.json["status"] == "rectified"
    assert last().details["late_s"] == 60 and last().at >= began
    case = db.session.scalars(select(Case)).one()
    given = db.session.scalars(select(Dispatch).where(Dispatch.part == "lead")).one()
    assert min(case.accepted_at, case.rectified_at, given.accepted_at, given.rectified_at) >= began
    assert all_is_well()


@pytest.mark.parametrize("moved", [{"hours": 5}, {"days": -3}])
def test_a_clock_that_cannot_be_right_is_marked_and_the_work_taken(number, officer, moved):
    answer = officer.send(f"/cases/{number}/rectification", {"done_at": ago(**moved)}, [a_picture()])
    assert answer.json["status"] == "rectified"
    assert last().details["clock_is_odd"] is True


def test_work_for_a_case_that_is_void_meanwhile_is_put_before_a_person(number, officer, town, phone_of):
    voided = phone_of(town.desk).post(f"/cases/{number}/voiding", {"reason": "not_found", "note": "现场没有"})
    assert voided.json["status"] == "void"
    before = db.session.scalars(select(Case)).one()
    clocks = before.accepted_at, before.rectified_at, before.closed_at
    said, picture = {"done_at": ago(minutes=3), "note": "车已驶离"}, a_picture()
    answers = [officer.send(f"/cases/{number}/rectification", said, [picture]) for _ in range(2)]
    assert [(each.status_code, each.json["status"]) for each in answers] == [(200, "void")] * 2
    assert len(answers[1].json["photos"]["late"]) == 1 and answers[1].json["photos"]["after"] == []
    assert (last().move, last().note, last().details["came_too_late"]) == ("rectify", "车已驶离", True)
    case = db.session.scalars(select(Case)).one()
    assert (case.accepted_at, case.rectified_at, case.closed_at) == clocks
    assert handed_in(town.desk) == handed_in(town.manager) == 1
    assert all_is_well()


def test_a_late_acceptance_by_whom_the_case_was_taken_from_is_kept(number, officer, town, phone_of):
    amended = phone_of(town.desk).post(f"/cases/{number}/amendment", {"category": "street_lamp", "note": "不是占道"})
    assert amended.json["status"] == "dispatching"
    said = {"done_at": ago(minutes=2)}
    assert [officer.post(f"/cases/{number}/acceptance", said).status_code for _ in range(2)] == [200, 200]
    assert (last().move, last().details["came_too_late"]) == ("accept", True)
    assert handed_in(town.desk) == 1
    assert db.session.scalars(select(Case)).one().accepted_at is None


def test_a_second_result_of_the_same_responder_is_kept_beside_the_first(number, officer):
    officer.send(f"/cases/{number}/rectification", {}, [a_picture()])
    answer = officer.send(f"/cases/{number}/rectification", {"done_at": ago(minutes=2)}, [a_picture()])
    assert (len(answer.json["photos"]["after"]), len(answer.json["photos"]["late"])) == (1, 1)


def test_a_late_picture_is_no_picture_of_the_result(number, officer, town, phone_of):
    """Nothing that came too late can close a case."""
    phone_of(town.desk).post(f"/cases/{number}/voiding", {"reason": "not_found", "note": "现场没有"})
    officer.send(f"/cases/{number}/rectification", {"done_at": ago(minutes=3)}, [a_picture()])
    assert phone_of(town.desk).post(f"/cases/{number}/closure").status_code == 409
    report = phone_of(town.resident).get("/reports").json["items"][0]
    assert report["after_photos"] == []


def test_without_a_time_of_its_own_it_is_refused_as_ever_and_strangers_always(number, officer, town, phone_of):
    phone_of(town.desk).post(f"/cases/{number}/voiding", {"reason": "not_found", "note": "现场没有"})
    assert officer.send(f"/cases/{number}/rectification", {}, [a_picture()]).status_code in (403, 409)
    stranger = phone_of(town.desk).send(f"/cases/{number}/rectification", {"done_at": ago(minutes=3)}, [a_picture()])
    assert stranger.status_code == 403


def test_a_time_without_its_zone_is_refused(number, officer):
    answer = officer.post(f"/cases/{number}/acceptance", {"done_at": "2026-11-28T10:00:00"})
    assert answer.status_code == 422 and answer.json["errors"][0]["pointer"] == "#/done_at"
