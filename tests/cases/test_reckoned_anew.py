"""A case that becomes another keeps the time and the pauses it was given, and its explanation says so."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incident_service import cases
from incident_service.cases import deadline, reckoning
from incident_service.cases.models import Case, CaseEvent
from incident_service.cases.petition_models import Petition
from incident_service.foundation import clock
from incident_service.foundation.database import db
from incident_service.foundation.transaction import transaction

TEN = datetime.fromisoformat("2026-11-25T10:00+08:00")         # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Story:
    """A blocked fire lane (two hours), reported at ten, and the buttons around it."""

    def __init__(self, town, phone_of, run_jobs) -> None:
        self.desk, self.officer, self.run_jobs = phone_of(town.desk), phone_of(town.officer), run_jobs
        with clock.stopped(TEN):
            self.number = phone_of(town.resident).report().json["case_number"]
            run_jobs()

    def asked(self, at: datetime, wish: str, **also: Any) -> None:
        """The officer asks, the desk grants."""
        with clock.stopped(at):
            case = self.officer.post(f"/cases/{self.number}/{wish}", {"reason": "weather", **also}).json
            petition = case["petitions"][-1]["id"]
            assert self.desk.post(f"/cases/{self.number}/petitions/{petition}/approval").status_code == 200

    def pressed(self, at: datetime, button: str, **body: Any) -> dict[str, Any]:
        """What the case is after the desk pressed a button and the platform did its part."""
        with clock.stopped(at):
            answer = self.desk.post(f"/cases/{self.number}/{button}", body)
            assert answer.status_code == 200, answer.json
            self.run_jobs()
            return self.desk.get(f"/cases/{self.number}").json

    def graded(self, at: datetime, condition: str) -> dict[str, Any]:
        return self.pressed(at, "condition", condition=condition, note="现场核实")


@pytest.fixture
def story(town, phone_of, run_jobs) -> Story:
    return Story(town, phone_of, run_jobs)


def due(case) -> datetime:
    return datetime.fromisoformat(case["due_at"])


def test_grading_anew_keeps_the_extension_and_the_pause(story):
    """Two working days and as much again, counted from ten; nothing from Wednesday 11:00 to Thursday 11:00."""
    story.asked(TEN, "extension")
    story.asked(TEN + HOUR, "suspension", until=(TEN + 9 * DAY).isoformat())
    at = TEN + HOUR + DAY
    before = story.pressed(at, "resumption")
    assert due(before) == at + 3 * HOUR
    graded = story.graded(at, "fixed_obstacle")
    assert due(graded) == datetime.fromisoformat("2026-12-02T10:00+08:00")
    step = graded["deadline"]["steps"][-1]
    assert (step["because"], step["extensions"], step["working_minutes"]) == ("regrade", 1, 32 * 60)
    assert [(datetime.fromisoformat(each["from"]), datetime.fromisoformat(each["to"])) for each in step["pauses"]] == [
        (TEN + HOUR, at)]
    assert ("自 2026-11-25 10:00 起计 2 工作日（仅计工作时段），另加延期 1 次、每次同样时限，"
            "挂账期间（2026-11-25 11:00 至 2026-11-26 11:00）不计时") in graded["deadline"]["text"][-1]
    assert due(story.graded(at, "occupied")) == due(before)


def test_a_corrected_category_keeps_them_as_well(story):
    story.asked(TEN, "extension")
    story.asked(TEN + HOUR, "suspension", until=(TEN + DAY).isoformat())
    at = TEN + 26 * HOUR
    story.pressed(TEN + 2 * HOUR, "resumption")
    corrected = story.pressed(at, "amendment", category="motor_parking", note="不在通道上")
    assert (corrected["status"], due(corrected)) == ("dispatched", TEN + HOUR + 2 * 3 * HOUR)
    assert corrected["deadline"]["steps"][-1]["because"] == "amend"


def test_graded_anew_within_a_pause_what_is_left_is_left_whenever_it_ends(story):
    until = TEN + 9 * DAY
    story.asked(TEN + HOUR, "suspension", until=until.isoformat())
    graded = story.graded(TEN + DAY, "fixed_obstacle")
    assert graded["status"] == "suspended"
    minutes = graded["deadline"]["steps"][-1]["working_minutes"]
    assert (minutes, due(graded) > until) == (16 * 60, True)
    resumed = story.pressed(TEN + HOUR + DAY, "resumption")
    assert due(resumed) == datetime.fromisoformat("2026-11-30T10:00+08:00")     # 15 working hours, from Thursday 11:00


def test_a_pause_that_ends_by_itself_ends_on_its_day_however_late_that_is_noticed(story):
    until = TEN + 2 * DAY
    story.asked(TEN + HOUR, "suspension", until=until.isoformat())
    with clock.stopped(until + 5 * HOUR):
        cases.wake_due()
        story.run_jobs()
    assert due(story.graded(until + 5 * HOUR, "occupied")) == until + HOUR


def test_every_way_of_coming_by_it_leads_to_the_same_deadline(story):
    """Step by step, as it came about, or all at once from the push: extended, paused twice, taken up early."""
    story.asked(TEN, "extension")
    story.asked(TEN + HOUR, "suspension", until=(TEN + 3 * DAY).isoformat())
    story.pressed(TEN + 5 * HOUR, "resumption")
    story.asked(TEN + 5.5 * HOUR, "extension")
    story.asked(TEN + 6 * HOUR, "suspension", until=(TEN + 4 * DAY).isoformat())
    case = db.session.scalars(select(Case)).one()
    came, left = case.due_at, db.session.scalars(select(Petition.seconds_left).order_by(Petition.id)).all()
    with transaction():
        case = db.session.scalars(select(Case)).one()
        kept = reckoning.anew(case)
        assert (case.due_at, kept["extensions"]) == (came, 2)
    assert db.session.scalars(select(Petition.seconds_left).order_by(Petition.id)).all() == left
    lines = db.session.scalars(select(CaseEvent).order_by(CaseEvent.sequence)).all()
    assert len(deadline.pauses(lines)) == 2
