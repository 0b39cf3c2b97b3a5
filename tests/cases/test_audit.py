"""`flask cases audit` finds nothing in cases that went their way, and names whatever cannot be."""

from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, select, update

from incident_service import cases
from incident_service.cases.commands import cases_commands
from incident_service.cases.models import Case, CaseEvent, CasePhoto, CaseSeal, Dispatch, Stage
from incident_service.cases.sealing import digest
from incident_service.cases.words import CaseWords
from incident_service.cases.workflow import Status
from incident_service.foundation.database import db, new_id
from incident_service.foundation.outbox import Promise
from incident_service.notifications.models import Notification
from incident_service.points.models import Holder, PointsAccount, Transfer
from incident_service.reports import Report
from tests.factories import a_picture, an_account


def audit(app: Flask) -> Result:
    """What the command says."""
    db.session.commit()
    return app.test_cli_runner().invoke(cases_commands, ["audit", "--language", "en"])


def faults(app: Flask) -> list[str]:
    """The faults it names, without the number of the case; its exit code and summary must fit them."""
    result = audit(app)
    *named, summary = result.output.splitlines()
    assert result.exit_code == bool(named)
    assert summary.endswith(f" cases looked through, {len(named)} faults")
    return [line.partition(": ")[2] for line in named]


@pytest.fixture
def waiting(town, phone_of) -> str:
    """The number of a case that is not dispatched yet."""
    return phone_of(town.resident).report().json["case_number"]


@pytest.fixture
def closed(waiting, town, phone_of, run_jobs) -> str:
    """The number of a case that went its whole way."""
    run_jobs()
    phone_of(town.officer).send(f"/cases/{waiting}/rectification", {}, [a_picture()])
    assert phone_of(town.manager).post(f"/cases/{waiting}/closure").json["status"] == "closed"
    return waiting


def change(model, **values) -> None:
    db.session.execute(update(model).values(**values))


def test_no_case_no_fault(app: Flask):
    assert audit(app).output == "0 cases looked through, 0 faults\n"


def test_cases_that_went_their_way_are_without_fault(app: Flask, closed, town, phone_of, run_jobs):
    phone_of(town.neighbour).report()
    phone_of(town.neighbour).report(latitude=28.6780)
    run_jobs()
    phone_of(town.neighbour).report()
    assert {each.status for each in db.session.scalars(select(Case))} == {
        Status.CLOSED, Status.DISPATCHED, Status.UNROUTABLE, Status.DISPATCHING}
    assert audit(app).output == "4 cases looked through, 0 faults\n"


def test_a_case_whose_dispatching_nobody_owes(app: Flask, waiting):
    db.session.execute(delete(Promise))
    assert faults(app) == ["it waits to be dispatched, but nobody owes it that"]


def test_a_case_that_was_reported_by_nobody(app: Flask, waiting):
    db.session.execute(delete(CasePhoto))
    db.session.execute(delete(Report))
    assert faults(app) == ["it has no report"]


def test_a_history_with_a_gap(app: Flask, closed):
    db.session.execute(delete(CaseEvent).where(CaseEvent.sequence == 2))
    assert faults(app) == ["its history is [1, 3, 4], not 1 to 4", "step 3 of its history cannot be: rectify",
                           "step 3 of its history is not as it was written",
                           "its dispatches are not those of its history"]


def test_a_dispatch_in_hand_though_its_case_is_over(app: Flask, closed):
    change(Dispatch, case_ended_at=None)
    assert faults(app) == ["its dispatches do not say whether it is over"]


@pytest.mark.parametrize("model", [Case, Dispatch])
def test_a_case_or_a_dispatch_that_does_not_know_on_which_square_it_lies(app: Flask, closed, model):
    change(model, block=0)
    assert faults(app) == ["it, or a dispatch of it, does not say on which square it lies"]


def test_words_that_do_not_say_who_may_see_their_case(app: Flask, closed):
    change(CaseWords, tokens=CaseWords.tokens + "§360199 ")
    assert faults(app) == ["its words do not say who may see it"]


def test_words_that_a_case_does_not_say(app: Flask, closed):
    change(CaseWords, tokens=" 游泳" + CaseWords.tokens)
    assert faults(app) == ["its words are not what it says"]


def test_a_case_without_words_gets_them_once(app: Flask, closed, town, phone_of):
    phone_of(town.neighbour).report(latitude=28.6780)
    before = dict(db.session.execute(select(CaseWords.case_id, CaseWords.tokens)).all())
    case_id = db.session.scalar(select(Case.id).where(Case.number == closed))
    db.session.execute(delete(CaseWords).where(CaseWords.case_id == case_id))
    assert faults(app) == ["it has no words to be found by"]
    for count in (1, 0):
        said = app.test_cli_runner().invoke(cases_commands, ["reword", "--language", "en"])
        assert (said.output, said.exit_code) == (f"the words of {count} cases written anew\n", 0)
    assert faults(app) == []
    after = dict(db.session.execute(select(CaseWords.case_id, CaseWords.tokens)).all())
    assert {id: set(said.split()) for id, said in after.items()} == {
        id: set(said.split()) for id, said in before.items()}


def test_a_status_that_no_history_leads_to(app: Flask, closed):
    change(Case, status=Status.RECTIFIED)
    assert faults(app) == ["its history ends closed, but it is rectified"]


def test_a_step_that_the_workflow_does_not_know(app: Flask, closed):
    db.session.execute(update(CaseEvent).where(CaseEvent.sequence == 1).values(status_before=Status.CLOSED))
    db.session.execute(update(CaseEvent).where(CaseEvent.sequence == 4).values(move="see"))
    assert faults(app) == ["its history does not begin with a report", "step 4 of its history cannot be: see",
                           "step 1 of its history is not as it was written",
                           "step 4 of its history is not as it was written"]


def test_clocks_out_of_order(app: Flask, closed):
    change(Case, rectified_at=Case.opened_at, closed_at=None, due_at=None)
    change(Dispatch, seen_at=db.session.scalar(select(Case.opened_at)) - timedelta(days=1))
    assert sorted(faults(app)) == [
        "assist seen_at lies before pushed_at", "it is closed without closed_at",
        "it is due before it was pushed, or never", "lead seen_at lies before pushed_at",
        "rectified_at lies before accepted_at"]


def test_a_dispatch_without_its_notification(app: Flask, closed):
    db.session.execute(delete(Notification).where(Notification.kind == "dispatch"))
    assert faults(app) == ["its assist dispatch has no notification", "its lead dispatch has no notification"]


def test_a_dispatch_that_history_does_not_know(app: Flask, closed):
    change(Dispatch, responder_id=an_account().id)
    assert "its dispatches are not those of its history" in faults(app)


def test_a_dispatched_case_that_says_it_waits(app: Flask, closed):
    db.session.execute(delete(CaseEvent).where(CaseEvent.sequence > 1))
    change(Case, status=Status.UNROUTABLE, version=1)
    assert "it is unroutable, but it is dispatched" in faults(app)


def test_a_case_closed_without_a_picture_or_thanks(app: Flask, closed, town):
    db.session.execute(delete(CasePhoto).where(CasePhoto.stage == Stage.AFTER))
    db.session.execute(delete(Transfer))
    resident, manager = town.resident.id, town.manager.id
    assert faults(app) == [
        "it is closed without a picture of the result",
        f"{resident} was thanked 0 times for first_report, not 1",
        f"{manager} was thanked 0 times for grid_management, not 1"]


def test_thanks_that_were_not_due(app: Flask, closed, town):
    resident, officer = town.resident.id, town.officer.id
    mine = PointsAccount(id=new_id(), holder=Holder.PERSON, holder_key=str(officer))
    db.session.add(mine)
    db.session.flush()
    db.session.execute(update(Transfer).where(Transfer.reason == "first_report").values(to_id=mine.id))
    assert sorted(faults(app)) == sorted([
        f"{resident} was thanked 0 times for first_report, not 1",
        f"{officer} was thanked 1 times for first_report, not 0"])


def test_many_cases_are_looked_through_a_few_at_a_time(app: Flask, town, phone_of, run_jobs, monkeypatch):
    monkeypatch.setattr("incident_service.cases.audit.CASES_AT_ONCE", 2)
    for _ in range(5):
        phone_of(town.resident).report()
    run_jobs()
    assert audit(app).output == "5 cases looked through, 0 faults\n"


def test_the_last_seal_is_named(app: Flask, waiting):
    cases.seal_histories()
    (number, last), = ((each.number, digest(each)) for each in db.session.scalars(select(CaseSeal)))
    assert audit(app).output == f"1 cases looked through, 0 faults; {number} seals, the last is {last[:16]}\n"
