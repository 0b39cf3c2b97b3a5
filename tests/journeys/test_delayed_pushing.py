"""Without Redis, workers or scheduler a report is still taken, nothing is forgotten, and the desk sees the delay."""

from datetime import timedelta

from sqlalchemy import select

from incident_service import cases
from incident_service.accounts import Role
from incident_service.cases.models import Case
from incident_service.foundation import clock, outbox
from incident_service.foundation.database import db
from tests.factories import an_account


def test_the_desk_sees_that_pushing_is_delayed_and_everything_goes_out_afterwards(app, town, phone_of, run_jobs):
    """Redis is away in this application: nothing is handed over until somebody runs what the database owes."""
    desk = phone_of(town.desk)
    assert desk.get("/pushing").json == {
        "is_delayed": False, "text": "推送正常", "waiting": 0, "delayed": 0, "oldest_s": 0, "steps_late": 0,
        "jobs_owed": None, "oldest_job_s": None}       # a street's desk learns nothing of the city
    numbers = [phone_of(town.resident).report().json["case_number"] for _ in range(3)]
    fresh = desk.get(f"/cases/{numbers[0]}")
    assert (fresh.json["status"], fresh.json["push_delayed_s"]) == ("dispatching", None)
    with clock.stopped(clock.now() + timedelta(seconds=60)):
        desk = phone_of(town.desk)
        told = desk.get("/pushing", **{"Accept-Language": "en"}).json
        assert (told["is_delayed"], told["waiting"], told["delayed"]) == (True, 3, 3)
        assert 60 <= told["oldest_s"] <= 65
        assert told["text"].startswith("Pushing is delayed: 3 cases wait, the longest 6")
        late = desk.get(f"/cases/{numbers[0]}", **{"If-None-Match": fresh.headers["ETag"]})
        assert late.status_code == 200
        assert 59 <= late.json["push_delayed_s"] <= 65
        assert {each["number"] for each in desk.get("/cases?push_delayed=true").json["items"]} == set(numbers)
        assert desk.get("/cases?push_delayed=false").json["items"] == []
        run_jobs()
        assert not desk.get("/pushing").json["is_delayed"]
    assert {phone_of(town.desk).get(f"/cases/{number}").json["status"] for number in numbers} == {"dispatched"}


def test_without_a_scheduler_the_desk_sees_that_steps_are_late_and_none_is_lost(app, town, phone_of, run_jobs):
    phone_of(town.resident).report()
    run_jobs()
    wakes_at = db.session.scalars(select(Case.wakes_at)).one()
    with clock.stopped(wakes_at + timedelta(seconds=6)):
        told = phone_of(town.desk).get("/pushing").json
        assert (told["is_delayed"], told["steps_late"]) == (True, 1)
        cases.wake_due()
        assert db.session.scalars(select(outbox.Promise.job)).all() == ["workers.routing.look_at_case"]
    with clock.stopped(wakes_at + timedelta(seconds=60)):
        assert phone_of(town.desk).get("/pushing").json["steps_late"] == 1      # found, but no worker is there
        assert phone_of(an_account(Role.DESK, "360111002")).get("/pushing").json["steps_late"] == 0     # elsewhere
        run_jobs()
        assert phone_of(town.desk).get("/pushing").json["steps_late"] == 0


def test_another_street_s_desk_is_not_told_of_cases_it_may_not_see(town, phone_of):
    phone_of(town.resident).report()
    with clock.stopped(clock.now() + timedelta(seconds=60)):
        elsewhere = phone_of(an_account(Role.DESK, "360111002"))
        told = elsewhere.get("/pushing").json
        assert (told["waiting"], told["jobs_owed"], told["oldest_job_s"]) == (0, None, None)
        phone_of(town.neighbour).report()                           # one job more for the city, and not a word of it
        assert elsewhere.get("/pushing").json == told
        whole = phone_of(an_account(Role.DESK, "3601")).get("/pushing").json
        assert whole["jobs_owed"] > 0 and whole["oldest_job_s"] >= 60
